/** French; what each is for stands in src/core/node/sentences.ts. */
import type { Translation } from '../message-types.ts';

export const core = {
  'address/missing': 'Il manque une adresse.',
  'address/no-at': '« {typed} » n’est pas une adresse : il n’y a pas de @.',
  'address/no-local': 'Il manque la partie devant le @.',
  'address/long-local': 'La partie devant le @ dépasse {max, number} octets.',
  'address/character':
    'Une adresse ne peut pas contenir « {character} » : utilisez des lettres, des chiffres et . _ + - dans « {typed} ».',
  'address/space':
    'Une adresse ne peut pas contenir d’espace : utilisez des lettres, des chiffres et . _ + - dans « {typed} ».',
  'address/invisible':
    'Une adresse ne peut pas contenir de caractère invisible : utilisez des lettres, des chiffres et . _ + - dans « {typed} ».',
  'address/begins': 'Une adresse commence par une lettre ou un chiffre.',
  'address/ends': 'La partie devant le @ ne peut pas finir par un point.',
  'address/dots': 'Une adresse ne peut pas contenir deux points de suite.',
  'address/no-domain': 'Il manque la partie après le @.',
  'address/domain': '« {typed} » n’est pas un domaine comme example.org.',
  'address/other-domain': 'Les adresses de cette organisation se terminent par @{domain}.',
  'address/reserved': '{address} est réservée à l’organisation elle-même.',
  'address/taken': '{address} est déjà prise. Choisissez une autre adresse.',
  'invitation/part-missing': 'Ce n’est pas une invitation : une partie de son lien manque ou a été changée.',
  'invitation/mistyped':
    'Cette invitation contient une faute de frappe : ses chiffres de contrôle ne concordent pas.',
  'invitation/unknown': 'Cette invitation ne vient pas de cette organisation.',
  'invitation/expired': 'Cette invitation a expiré. Demandez-en une nouvelle.',
  'invitation/used-up': 'Cette invitation est épuisée. Demandez-en une nouvelle.',
  'words/one': 'Il y a {words, number} mots de récupération ; en voici 1.',
  'words/count': 'Il y a {words, number} mots de récupération ; en voici {count, number}.',
  'words/unknown': 'Le mot {place}, « {word} », n’est pas un mot de récupération.',
  'words/checksum': 'Ces mots ne vont pas ensemble : l’un d’eux est faux, ou leur ordre l’est.',
  'authority/keys-of': 'Ces clés appartiennent déjà à {name}.',
  'authority/other-ring': 'Cette demande est pour une autre organisation.',
  'authority/unknown': 'Personne n’a rejoint {domain} avec ces clés.',
  'authority/foreign-device': 'La clé de cet appareil appartient à quelqu’un d’autre.',
  'authority/removed':
    'Cet appareil a été retiré du compte {name}. Effacez-le, et il pourra être ajouté de nouveau.',
  'authority/too-many': '{name} a déjà {count, number} appareils, le maximum.',
  'authority/unsigned': 'La demande n’est pas signée par les clés qu’elle nomme.',
  'authority/clock':
    'L’horloge de cet appareil est décalée de {hours, plural, one {# heure} other {# heures}} : réglez-la et réessayez.',
  'relay/too-many-requests': 'Trop de demandes de cette adresse : attendez un peu et réessayez.',
  'relay/busy': 'Le relais est occupé : réessayez dans quelques secondes.',
  'pairing/character': '« {character} » n’est dans aucun code : regardez de nouveau.',
  'pairing/length': 'Un code a {length, number} lettres et chiffres ; celui-ci en a {count, number}.',
  'pairing/used': 'Un autre appareil a déjà utilisé ce code. Faites-en un nouveau.',
  'pairing/expired': 'Les dix minutes de ce code sont passées. Faites-en un nouveau.',
  'pairing/unknown':
    'Personne n’attend derrière ce code : il a été mal saisi, ses dix minutes sont passées, ou il vient d’une autre organisation.',
  'pairing/wrong-code': 'Ce qui est venu ne correspond pas au code. Faites un nouveau code et réessayez.',
  'pairing/early-other':
    'L’autre appareil s’est inscrit avec une version antérieure et ne peut pas transmettre son compte. Utilisez ici vos 24 mots de récupération.',
  'pairing/early-own':
    'Ce navigateur s’est inscrit avec une version antérieure et ne peut pas transmettre le compte. Utilisez vos 24 mots de récupération sur le nouvel appareil.',
  'pairing/wrong-account': 'L’autre appareil a donné un autre compte que celui qu’il avait nommé.',
  'pairing/both-have':
    'Les deux appareils ont déjà un compte. Un appareil ne peut être ajouté que tant qu’il n’en a pas.',
  'pairing/none-has': 'Aucun des deux appareils n’a de compte à transmettre.',
  'pairing/bad-hello': 'L’autre appareil ne dit ni qu’il a un compte ni qu’il en veut un.',
  'pairing/bad-key': 'L’autre appareil a envoyé une clé qui n’en est pas une.',
  'pairing/not-asked': 'Ce navigateur n’a pas demandé de compte à un autre appareil.',
  'pairing/unsealable': 'L’autre appareil a scellé autre chose qu’un compte.',
  'pairing/declined': 'L’autre appareil a dit non.',
  'pairing/slot-taken': 'Un autre appareil était ici avant.',
  'pairing/place-unknown': 'Personne n’attend ici, ou les dix minutes sont passées.',
  'pairing/too-many-waiting': 'D’autres attendent déjà le même message.',
  'pairing/too-many-places': 'Trop d’appareils sont en cours d’ajout : réessayez dans dix minutes.',
  'mail/no-recipient': 'Dites pour qui est le message.',
  'mail/too-many-recipients':
    'Un message peut avoir {max, number} destinataires ; celui-ci en a {count, number}.',
  'mail/too-many-attachments':
    'Un message peut avoir {max, number} pièces jointes ; celui-ci en a {count, number}.',
  'mail/large-attachment': '« {name} » fait {size} ; une pièce jointe peut faire {max}.',
  'mail/large-attachments': 'Les pièces jointes font {size} au total ; un message peut faire {max}.',
  'mail/long-text': 'Le texte dépasse {max} : joignez-le en fichier.',
  'mail/long-headers':
    'Les adresses et les noms de fichiers de ce message sont trop longs ensemble : envoyez-le en deux.',
  'mail/other-organization':
    '{address} est dans une autre organisation ; on ne peut écrire qu’aux personnes de {domain}.',
  'mail/nobody': 'Il n’y a personne à l’adresse {address} dans {domain}.',
  'mail/nobody-of-name': 'Il n’y a personne de ce nom.',
  'mail/not-in-mailbox': 'Ce message n’est pas dans la boîte aux lettres.',
  'mail/no-attachment': 'Le message n’a pas cette pièce jointe.',
  'mail/no-part': 'La pièce jointe n’a pas cette partie.',
  'mail/nowhere': 'Plus personne dans l’anneau ne l’a.',
  'mail/out-of-reach':
    'Ce n’est pas sur cet appareil, et les appareils qui l’ont ne peuvent être joints. Réessayez quand vous serez en ligne.',
  'mail/damaged': 'Ce qui était conservé est endommagé et ne peut pas être ouvert.',
  'mail/disk-full':
    'Le disque de cet appareil est plein, et ceci n’a pas pu être conservé. Libérez de l’espace, puis réessayez ; rien n’a été perdu.',
  'mail/over-quota':
    'Votre courrier occupe tout l’espace que votre organisation vous donne, et ceci attend donc. Demandez de l’aide à la personne qui la gère ; rien n’a été perdu.',
  'delivery/waits-for-copies': 'Attend que d’autres appareils de votre organisation aient pris des copies.',
  'delivery/waits-for-network': 'Attend le réseau : il part de lui-même.',
  'delivery/no-mailbox': '{address} n’a pas encore ouvert de boîte aux lettres.',
  'delivery/limited':
    'Vous avez envoyé aujourd’hui {count, number} messages à {address} : celui-ci partira demain de lui-même.',
  'delivery/lost':
    'Une partie de ce message s’est perdue sur cet appareil avant son envoi. Veuillez l’écrire de nouveau.',
  'delivery/not-fetched':
    '{address} n’est pas venu chercher ce message depuis 30 jours : il compte donc comme non remis. Joignez cette personne autrement, ou envoyez-le de nouveau.',
  'delivery/undelivered': 'Il n’a pas pu être remis.',
  'evidence/written': 'Écrit sur cet appareil ; il est envoyé même si vous fermez la fenêtre maintenant.',
  'evidence/kept-by-one': 'Conservé par 1 appareil de votre organisation.',
  'evidence/kept': 'Conservé par {count, number} appareils de votre organisation.',
  'evidence/device': 'Un appareil de {name} a l’annonce sur son disque.',
  'evidence/inbox-by-one':
    'Dans la boîte de réception de {name}, conservé par 1 appareil jusqu’à ce qu’on vienne le chercher.',
  'evidence/inbox':
    'Dans la boîte de réception de {name}, conservé par {count, number} appareils jusqu’à ce qu’on vienne le chercher.',
  'evidence/received': 'L’appareil de {name} a confirmé que le message est dans la boîte aux lettres.',
  'evidence/read': '{name} l’a lu.',
  'client/stopped': 'La boîte aux lettres a été fermée dans cette fenêtre.',
  'client/failed': 'Quelque chose s’est mal passé sur cet appareil ({reason}). Réessayez.',
  'client/no-leader': 'L’onglet qui fait fonctionner votre courrier ne répond pas. Rechargez cette page.',
  'client/too-much': 'Trop à la fois : réessayez dans un instant.',
  'device/no-name': 'Un appareil a besoin d’un nom.',
  'device/itself': 'Un appareil ne peut pas se retirer lui-même : faites-le depuis un autre.',
  'device/noted':
    'Votre organisation ne peut être jointe pour l’instant. C’est noté ici, et se fera à son retour.',
  'backup/busy':
    'Une sauvegarde, une restauration ou une vérification est déjà en cours ; attendez-la, ou arrêtez-la.',
  'backup/disk-full':
    'Le disque de cet appareil est plein. Libérez de l’espace, puis réessayez ; rien n’a été perdu.',
  'backup/unreachable':
    'Les appareils de votre organisation ne peuvent être joints. Réessayez quand vous serez en ligne.',
  'backup/stopped': 'Cela a été arrêté.',
  'backup/other-ring':
    'Ce fichier est une boîte aux lettres de {name} dans l’anneau d’une autre organisation.',
  'backup/other-person':
    'Ce fichier est la boîte aux lettres de {name}, faite avec d’autres mots de récupération que ceux de ce navigateur.',
  'backup/unsound': 'Ce fichier n’est pas une sauvegarde saine d’une boîte aux lettres : {reason}.',
  'backup/file-is': 'Le fichier n’est pas en ordre : {reason}.',
  'notice/disk-full':
    'Le disque de cet appareil est plein. Le nouveau courrier attend auprès d’autres appareils de votre organisation, et rien n’a été perdu. Libérez de l’espace sur cet appareil, ou supprimez de gros messages.',
  'notice/over-quota':
    'Votre courrier occupe tout l’espace que votre organisation vous donne. Ce qui est arrivé depuis n’est pas conservé pour vous par d’autres appareils et risque donc d’être perdu si ses expéditeurs le suppriment. Supprimez définitivement de gros messages, ou demandez plus d’espace à la personne qui gère le relais.',
  'notice/removed':
    'Cet appareil a été retiré de votre compte le {day}, par un autre de vos appareils. Le nouveau courrier n’est plus scellé pour lui. Effacez-le sous « Appareils », ou ajoutez-le ensuite de nouveau à un compte.',
  'notice/expel':
    '{label} a été retiré : plus rien n’est scellé pour lui. Sa place dans l’anneau n’a pas encore pu lui être ôtée : {reason} Un nouvel essai se fait de lui-même, et cet avis disparaîtra quand ce sera fait.',
  'notice/fallback':
    'Un message à {name} a été scellé avec une clé de longue durée, car l’appareil n’a pas été en ligne depuis des jours. Personne d’autre ne peut le lire ; mais si cet appareil était volé plus tard, ce message serait plus facile à obtenir que d’autres.',
  'notice/key-changed':
    '{address} a une nouvelle clé. Cela arrive quand quelqu’un repart de zéro sans les mots de récupération, et cela arriverait si quelqu’un d’autre avait pris le nom. Vérifiez par une autre voie avant d’écrire quoi que ce soit de confidentiel.',
  'notice/restored-one':
    'Votre boîte aux lettres est de retour : 1 message a été trouvé dans l’anneau. Il s’ouvre depuis d’autres appareils jusqu’à ce qu’il soit sur celui-ci.',
  'notice/restored':
    'Votre boîte aux lettres est de retour : {count, number} messages ont été trouvés dans l’anneau. Ils s’ouvrent depuis d’autres appareils jusqu’à ce qu’ils soient sur celui-ci.',
  'notice/certificate-ended':
    'Le certificat par lequel les autres appareils de votre organisation connaissent celui-ci a pris fin et n’a pas pu être renouvelé ({reason}). Sans lui, cet appareil ne peut ni envoyer ni recevoir ; ce que vous écrivez attend, et rien n’est perdu. Un nouvel essai se fait de lui-même. Prévenez la personne qui gère le relais si cela dure.',
  'notice/certificate-day':
    'Le certificat par lequel les autres appareils de votre organisation connaissent celui-ci prend fin d’ici un jour et n’a pas pu être renouvelé ({reason}). Sans lui, cet appareil ne peut ni envoyer ni recevoir ; ce que vous écrivez attend, et rien n’est perdu. Un nouvel essai se fait de lui-même. Prévenez la personne qui gère le relais si cela dure.',
  'notice/certificate':
    'Le certificat par lequel les autres appareils de votre organisation connaissent celui-ci prend fin dans {days, number} jours et n’a pas pu être renouvelé ({reason}). Sans lui, cet appareil ne peut ni envoyer ni recevoir ; ce que vous écrivez attend, et rien n’est perdu. Un nouvel essai se fait de lui-même. Prévenez la personne qui gère le relais si cela dure.',
  'notice/proved': '{notice} Ce qui le prouve : {proof}',
  'notice/recovered':
    'Cet appareil avait perdu la partie la plus récente de sa boîte aux lettres ; elle a été ramenée depuis d’autres appareils de votre organisation. Il n’y a rien à faire.',
  'notice/rolled-back':
    'Des appareils de votre organisation montrent une boîte aux lettres de votre autre appareil plus ancienne que celle d’avant : ils sont peut-être défectueux, ou mentent. Ce que vous voyez ici est l’état le plus récent ; rien n’a été retiré. Prévenez la personne qui gère le relais si cela dure.',
  'notice/forked':
    'La boîte aux lettres d’un de vos appareils a deux histoires différentes : son disque a été restauré depuis une copie, ou quelqu’un utilise ses clés. La seconde histoire n’a pas été reprise. Vérifiez cet appareil, et prévenez la personne qui gère le relais. Vous y mettez fin en ne suivant plus l’appareil : il est retiré de votre compte, et ce qui en a été lu reste dans votre boîte aux lettres.',
  'notice/withheld':
    'Un de vos appareils a vu des changements de votre boîte aux lettres plus récents que ce qu’on trouve maintenant. Ils sont demandés de nouveau, et reviennent d’eux-mêmes quand l’appareil qui les a faits est ouvert. S’il a disparu pour de bon, récupérez ce qui en reste.',
  'notice/lost':
    'Une partie des changements qu’un de vos appareils a faits dans votre boîte aux lettres n’est plus gardée par aucun appareil de votre organisation ; ce qu’il a fait ensuite ne peut donc pas être lu non plus. Tout revient de soi-même quand cet appareil est ouvert. S’il a disparu pour de bon, récupérez ce qui reste.',
  'notice/unreadable':
    'Certains changements de votre boîte aux lettres ne peuvent être lus : ils sont endommagés, ou faits par une version plus récente de ce programme. Rechargez la page pour obtenir la dernière version.',
  'notice/strangers':
    'Aucun des appareils que celui-ci a rencontrés ces derniers jours ne peut être joint (ils appartiennent à {people, plural, one {# personne} other {# personnes}}), mais d’autres sont là. À une heure inhabituelle ou un jour férié, c’est ordinaire. Ce serait pareil si un relais tenait vos collègues à l’écart. Rien n’est perdu : ce que vous envoyez reste aussi sur cet appareil. Si quelqu’un que vous connaissez devrait être là maintenant, demandez-lui par une autre voie, et prévenez la personne qui gère le relais. Si tout est comme il faut, fermez cet avis : ceux qui sont là maintenant seront connus désormais.',
  'notice/smaller':
    'Bien moins d’appareils de votre organisation sont là que d’habitude à ce moment de la semaine. Un jour férié, c’est ordinaire. Le courrier continue, avec moins de copies. Si vos collègues sont au travail, prévenez la personne qui gère le relais.',
  'notice/relays-differ':
    'Deux relais de votre organisation montrent des appareils différents près de celui-ci. L’un d’eux est peut-être défectueux, ou vous cache des appareils. Le courrier continue par les deux, et rien n’est perdu. Prévenez la personne qui gère le relais si cela dure.',
  'notice/relays-away':
    'Un seul des relais de votre organisation peut être joint. Le courrier continue ; mais ce que dit un relais ne peut être comparé à un autre pour l’instant. Prévenez la personne qui gère le relais si cela dure.',
} as const satisfies Translation<'core'>;
