/** French; what each is for stands in ../en/devices.ts. */
import type { Translation } from '../message-types.ts';

export const devices = {
  title: 'Appareils',
  add: 'Ajouter un appareil',
  intro: 'Chacun d’eux a toute votre boîte aux lettres et vos clés. Celui que vous n’avez plus, retirez-le.',
  looking: 'Recherche…',
  added: '{label} a été ajouté. Sa boîte aux lettres se remplit d’elle-même.',
  renamed: 'Cet appareil a un nouveau nom',
  removed: '{label} a été retiré',
  thisDevice: '(cet appareil)',
  since: 'Ajouté {date}',
  sinceAndSeen: 'Ajouté {date}, dernière activité {seen}',
  rename: 'Renommer',
  remove: 'Retirer',
  nameOfThis: 'Nom de cet appareil',
  removeLabel: 'Retirer {label}',
  sure: 'Retirer {label} ? Le nouveau courrier n’est plus scellé pour lui, et il en est informé. Ce qu’il a fait jusqu’ici reste dans votre boîte aux lettres ; ce qu’il fera désormais n’y arrivera plus. Il garde ce qu’il a, clés comprises : si quelqu’un d’autre l’a déverrouillé entre les mains, cette personne peut encore écrire en votre nom. C’est irréversible ; l’appareil pourra être ajouté de nouveau après avoir été effacé.',
  removing: 'Retrait…',
  removeThis: 'Retirer cet appareil',
  keepIt: 'Le garder',
  wasRemoved:
    'Cet appareil a été retiré de votre compte {date}. Le nouveau courrier n’est plus scellé pour lui. Ce qu’il conservait est encore ici.',
  eraseMeans:
    'Les clés et la boîte aux lettres disparaissent définitivement de ce navigateur ; vos autres appareils gardent les leurs.',
  eraseAll: 'Tout effacer ici',
  erase: 'Effacer cet appareil',
  unnamedBrowser: 'Un navigateur',
  unnamedSystem: 'un appareil',
  label: '{browser} sur {system}',
} as const satisfies Translation<'devices'>;
