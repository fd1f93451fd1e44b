/** `tsx test/simulation/overlay/write-demonstration.ts FILE`: the build calls it (scripts/build.mjs). */
import { writeFileSync } from 'node:fs';
import { demonstration } from './demonstration.ts';

writeFileSync(process.argv[2]!, demonstration());
