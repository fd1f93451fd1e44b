/** French; what each is for stands in ../en/network.ts. */
import type { Translation } from '../message-types.ts';

export const network = {
  title: 'Réseau',
  where: 'Où est-il ?',
  chooseMessage: 'Choisir un message',
  option: '{subject} · {name}',
  askingAround: 'On demande à la ronde…',
  lightUp: 'Les appareils qui le conservent s’illuminent.',
  demonstration:
    'Comment le courrier trouve-t-il son chemin sans serveur ? <link>Voyez un anneau à l’œuvre</link> : des nœuds arrivent, cherchent, tombent en panne et se rétablissent.',
  legend: 'Légende',
  legendDirect: 'lien direct',
  legendRelayed: 'par un relais',
  legendKeeps: 'conserve le message',
  drawing: 'L’anneau de {place} ; le tableau ci-dessous dit la même chose en mots',
  drawingUnknown: 'L’anneau de votre organisation ; le tableau ci-dessous dit la même chose en mots',
  thisDevice: 'cet appareil',
  relay: 'relais',
  caption: '{count, plural, one {# appareil} other {# appareils}} dans l’ordre des identifiants',
  who: 'Qui',
  what: 'Quoi',
  link: 'Lien',
  neighbour: 'Voisin',
  keepsMessage: 'Conserve le message',
  roundTrip: 'Aller-retour',
  milliseconds: '{count, number} ms',
  sent: 'Envoyé',
  received: 'Reçu',
  nodeId: 'Identifiant du nœud',
  links: {
    direct: 'direct',
    relayed: 'par un relais',
    none: 'connu, non relié',
  },
  roles: {
    tab: 'navigateur',
    relay: 'relais',
    bridge: 'passerelle',
  },
  alone:
    'Cet appareil est seul pour l’instant. Ce que vous envoyez attend ici, en sûreté, le retour des autres.',
  keptByRelay: 'Le relais conserve votre courrier avec vous, sous scellés.',
  keptByDevices:
    '{count, plural, one {# autre appareil conserve} other {# autres appareils conservent}} votre courrier avec vous, sous scellés.',
  keptByDevicesAndRelay:
    '{count, plural, one {# autre appareil} other {# autres appareils}} et le relais conservent votre courrier avec vous, sous scellés.',
  lookingForNeighbours: '{health} La recherche de voisins continue.',
  relayAway: '{health} Le relais est absent ; le courrier continue sans lui.',
  disk: 'Ce navigateur conserve {count, plural, one {# bloc scellé} other {# blocs scellés}} ({size}) pour votre organisation.',
  diskFull:
    '{disk} Son disque est plein : libérez de l’espace, sinon ce que vous écrivez risque de ne pas être conservé.',
  diskNotPromised: '{disk} Il n’a pas promis de les garder : installez l’application, et il le promettra.',
  stored: 'Votre courrier occupe {size} sur les {allowed} que votre organisation vous donne.',
  storedAll: '{stored} Supprimez-en définitivement une partie pour faire de la place.',
  noBlocks: 'Ce message n’a aucun bloc dans le réseau : il n’est que sur cet appareil.',
  someAway:
    'Il tient en {count, plural, one {# bloc scellé} other {# blocs scellés}} ; pour l’instant, personne ne répond pour certains d’entre eux.',
  keptByAtLeast:
    'Il tient en {count, plural, one {# bloc scellé, conservé} other {# blocs scellés, chacun conservé}} par au moins {devices, plural, one {# appareil} other {# appareils}}.',
  blocks: 'Blocs du message : {count, number}',
  nobodyAnswers: 'personne ne répond',
  refused: 'Refusés : {count, plural, one {# cas récent} other {# cas récents}}',
  nothingRefused: 'Rien d’incorrect n’est venu d’un autre appareil.',
  counters: 'Compteurs : {count, number}',
} as const satisfies Translation<'network'>;
