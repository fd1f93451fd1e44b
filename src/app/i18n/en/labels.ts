/** Folders and labels that one makes. */
export const labels = {
  label: 'Label',
  newLabel: 'New label',
  move: 'Move to',
  newFolder: 'New folder',
  create: 'Create',
} as const;
