/** All messages in French; people are addressed as vous. */
import { app } from './app.ts';
import { backup } from './backup.ts';
import { composer } from './composer.ts';
import { core } from './core.ts';
import { dates } from './dates.ts';
import { delivery } from './delivery.ts';
import { devices } from './devices.ts';
import { editor } from './editor.ts';
import { join } from './join.ts';
import { labels } from './labels.ts';
import { mailbox } from './mailbox.ts';
import { message } from './message.ts';
import { network } from './network.ts';
import { pairing } from './pairing.ts';
import { people } from './people.ts';
import { pwa } from './pwa.ts';
import { requests } from './requests.ts';
import { ring } from './ring.ts';
import { rules } from './rules.ts';
import { search } from './search.ts';
import { settings } from './settings.ts';
import { shortcuts } from './shortcuts.ts';
import { trace } from './trace.ts';
import { transfer } from './transfer.ts';

export const messages = {
  app,
  backup,
  composer,
  core,
  dates,
  delivery,
  devices,
  editor,
  join,
  labels,
  mailbox,
  message,
  network,
  pairing,
  people,
  pwa,
  requests,
  ring,
  rules,
  search,
  settings,
  shortcuts,
  trace,
  transfer,
};
