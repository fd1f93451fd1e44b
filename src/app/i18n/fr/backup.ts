/** French; what each is for stands in ../en/backup.ts. */
import type { Translation } from '../message-types.ts';

export const backup = {
  title: 'Sauvegarde',
  saveTitle: 'Sauvegarder votre boîte aux lettres',
  saveWhat:
    'Tous vos messages et pièces jointes en un seul fichier, scellés comme dans l’anneau : sans vos 24 mots de récupération, personne ne peut le lire. Gardez les mots à l’écart du fichier.',
  save: 'Enregistrer une sauvegarde',
  restoreTitle: 'La faire revenir',
  restoreWhat:
    'Remet à sa place ce qui manque. Rien de plus récent n’est perdu ni écrasé, et vous pouvez recommencer. D’ordinaire vos mots suffisent à tout ramener ; le fichier est pour le jour où ils ne suffisent pas.',
  restore: 'Choisir un fichier de sauvegarde',
  checkTitle: 'Vérifier ma boîte aux lettres',
  checkWhat:
    'Demande, pour chaque partie de chaque message, si les appareils de votre organisation qui doivent la conserver l’ont.',
  check: 'Vérifier maintenant',
  rebuildTitle: 'Récupérer ce qui reste',
  rebuildWhat:
    'Pour le cas où l’un de vos appareils a disparu et où ses changements ne peuvent plus tous être lus : cherche sur cet appareil et sur ceux de votre organisation ce qu’il en reste, et le remet dans votre boîte aux lettres.',
  rebuild: 'Lancer la recherche',
  deviceTitle: 'Vérifier cet appareil',
  deviceWhat:
    'Lit tout ce que ce navigateur conserve, pour vous et pour les autres, et prouve que rien n’a été endommagé sur le disque.',
  device: 'Vérifier cet appareil',
  doing: {
    save: 'Sauvegarde',
    restore: 'Restauration',
    check: 'Vérification, parties jusqu’ici',
    rebuild: 'Recherche, éléments trouvés',
    device: 'Lecture, éléments jusqu’ici',
    import: 'Lecture',
    export: 'Écriture, messages jusqu’ici',
  },
  progress: '{doing} : {far}',
  doneOf: '{done} sur {total}',
  lookingAround: 'on regarde alentour',
  stop: 'Arrêter',
  stopped: 'Arrêté. Cela n’abîme rien.',
  details: 'Détails',
  fileType: 'Sauvegarde d’une boîte aux lettres',
  mailbox: 'boite',
  saved: 'Enregistré : {count, plural, one {# message} other {# messages}} en {size}.',
  notInFile:
    '{count, plural, one {# partie n’a pas pu être obtenue pour l’instant et n’est} other {# parties n’ont pas pu être obtenues pour l’instant et ne sont}} pas dans le fichier. Recommencez quand davantage d’appareils seront en ligne.',
  file: 'Le fichier du {date}, écrit par {device}, contenait {then, plural, one {# message} other {# messages}}. Votre boîte aux lettres en a maintenant {now, number}.',
  yourDevice: 'un de vos appareils',
  putBack: '{count, plural, one {# bloc remis} other {# blocs remis}}, {present, number} déjà là.',
  newerKept: 'Ce que vos appareils ont fait après la sauvegarde a été gardé.',
  missingInFile:
    '{count, plural, one {# bloc que le fichier devrait contenir y manque ou est endommagé} other {# blocs que le fichier devrait contenir y manquent ou sont endommagés}}. Ce qui était sain est de retour.',
  notEverything: 'Tout ne s’est pas bien passé. Vous pouvez restaurer de nouveau le même fichier.',
  empty: 'Votre boîte aux lettres est vide : il n’y a encore rien à vérifier.',
  checked:
    '{messages, plural, one {# message} other {# messages}}, en {blocks, plural, one {# bloc} other {# blocs}}, {size} en tout.',
  allKept: 'Chaque bloc est conservé par tous les appareils de votre organisation qui doivent le conserver.',
  thin: '{count, plural, one {# bloc n’est pas encore} other {# blocs ne sont pas encore}} sur tous ces appareils : les copies se font d’elles-mêmes.',
  unknown:
    'Pour {count, plural, one {# bloc} other {# blocs}}, personne n’a pu être interrogé pour l’instant.',
  lost: '{count, plural, one {# bloc que plus personne n’a} other {# blocs que plus personne n’a}}. Si vous avez une sauvegarde, restaurez-la.',
  notFollowed: 'Des parties de la boîte aux lettres n’ont pas pu être suivies ; voir ci-dessous.',
  cameBack:
    '{count, plural, one {# message est revenu} other {# messages sont revenus}} dans votre boîte aux lettres.',
  openThatDevice:
    'Si cet appareil existe encore, ouvrez-le : il a tous ses changements. Sinon, retirez-le sous Appareils ; ce qui a été trouvé reste. Un fichier de sauvegarde en contient peut-être davantage.',
  nothingMissing: 'Rien ne manque : tous les changements connus de vos autres appareils sont ici.',
  notAllAsked:
    'Tout n’a pas pu être demandé pour le moment ; voir ci-dessous. Relancez la recherche quand davantage d’appareils seront en ligne.',
  labelled: '« {label} »',
  removedDevice: 'Un appareil retiré ({key})',
  twoHistories:
    '{device} a deux historiques différents : rien n’a été repris. Un avis indique ce que vous pouvez faire.',
  remains:
    '{device} : {known, plural, one {# changement connu} other {# changements connus}} ; {found, plural, =0 {aucun de ceux qui manquaient ici n’a été trouvé} one {# changement est revenu} other {# changements sont revenus}}.',
  remainsLacking:
    '{device} : {known, plural, one {# changement connu} other {# changements connus}}, dont {missing, number} que plus personne n’a ; {found, plural, =0 {aucun de ceux qui manquaient ici n’a été trouvé} one {# changement est revenu} other {# changements sont revenus}}.',
  read: 'Lu : {count, plural, one {# élément} other {# éléments}} sur cet appareil, {size} de données.',
  allSound: 'Chacun est tel qu’il était lorsqu’il a été écrit.',
  damaged:
    '{count, plural, one {# élément est endommagé} other {# éléments sont endommagés}}. Vos messages sont aussi conservés par d’autres appareils : vérifiez votre boîte aux lettres pour voir si l’un d’eux est en danger, et enregistrez une sauvegarde.',
  journalDamaged:
    'Ce que cet appareil a noté de votre boîte aux lettres est endommagé aussi. Ajoutez de nouveau cet appareil à votre compte, et ce que les autres ont reviendra.',
  problem: '{what} : {reason}',
  more: '… et {count, plural, one {# autre} other {# autres}}',
} as const satisfies Translation<'backup'>;
