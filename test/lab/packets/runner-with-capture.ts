import { imagePlaces } from '../../../image/location.ts';
import { openCapture } from '../../../runner/evidence/capture.ts';
import { labMaker } from '../../../runner/lab/maker.ts';
import { descendantsOf } from './children.ts';

/** A runner that captures in a lab until it is killed. It prints the pids of all that it has started. */
const lab = await labMaker(imagePlaces()).make();
await openCapture(lab);
console.log(JSON.stringify(descendantsOf(process.pid)));
