/** What a person chose for all of their devices. What concerns one device only (colours, density) does not travel. */
import * as v from 'valibot';

export const requestPolicies = ['everybody', 'outsiders', 'nobody'] as const;

export const settingSchema = v.variant('name', [
  /** Whether senders may learn that their mail was read. */
  v.strictObject({ name: v.literal('read-receipts'), value: v.boolean() }),
  /**
   * Whose first mail waits as a request until it is accepted: that of everybody new, of people of other organizations (those of one's
   * own are vouched for by whoever invited them), or of nobody.
   */
  v.strictObject({ name: v.literal('requests'), value: v.picklist(requestPolicies) }),
]);
export type Setting = v.InferOutput<typeof settingSchema>;
export type SettingName = keyof SettingValues;
export interface SettingValues {
  readonly 'read-receipts': boolean;
  readonly requests: (typeof requestPolicies)[number];
}

/** What holds before anybody chose. */
export const settingDefaults: SettingValues = {
  'read-receipts': false,
  requests: 'outsiders',
};
