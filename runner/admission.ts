import type { ImageState } from '../protocol/status.ts';
import { labTimes } from './admission/lab-times.ts';
import { openLine } from './admission/line.ts';

/** What admission must know of a lab to count it. */
export type AdmittedLab = { closed: Promise<void>; close(): Promise<void> };

/**
 * Why a visitor waits; `position` 1 is next. `expectedMs` is `null` when too little is known. `ownLimit` is set when other
 * visitors of the same source have as many labs as one source may have: one of these must be given back.
 */
export type Waiting =
  | { for: 'image'; image: ImageState }
  | { for: 'lab'; position: number; expectedMs: number | null; ownLimit: number | null };

/** Whence the labs of one session come. */
export type LabSource<Lab> = {
  /**
   * A lab of the caller's own; closing it gives the place back.
   * Rejects with QueueFull, with the signal's reason, or when labs cannot be made.
   */
  acquire(signal: AbortSignal, onWaiting: (waiting: Waiting) => void): Promise<Lab>;
};

/** `full`: a newcomer would wait. `starting`: no image, or not yet the first lab. `failing`: the last lab could not be made. */
export type Readiness = 'ready' | 'full' | 'starting' | 'failing' | 'closing';

/** Who gets a lab, and when. Labs are made ahead of need, never more than the capacity; who waits is served as `Line` says. */
export type Admission<Lab> = {
  /** Labs for visitors of one source: an address, or `null` for those who cannot be told apart, and have no limit of their own. */
  from(source: string | null): LabSource<Lab>;
  counts(): { open: number; capacity: number; queued: number; warm: number; making: number };
  readiness(): Readiness;
  close(): Promise<void>;
};

export class QueueFull extends Error {
  readonly reason: 'queue' | 'queue-per-address';

  constructor(reason: QueueFull['reason'], { capacity, queueLength, queuePerSource }: QueueLimits) {
    super(
      reason === 'queue'
        ? `All labs are in use (the runner’s setting LABS=${capacity}), and the line for one is full (QUEUE=${queueLength}). Try again in a minute.`
        : `As many visitors of your address wait for a lab as may (${queuePerSource} of the runner’s QUEUE=${queueLength}). Try again in a minute.`,
    );
    this.reason = reason;
  }
}

/** An image that was there, and is not there any more. */
export class ImageGone extends Error {
  constructor(image: ImageState, options?: ErrorOptions) {
    super(`The image that programs run in is gone from the runner’s machine. ${hopeOf(image)}`, options);
  }
}

function hopeOf(image: ImageState): string {
  switch (image.state) {
    case 'ready':
      return 'It is there again: press Run once more.';
    case 'building':
      return `It is being made again: ${image.phase}, ${Math.round(image.percent)} %. Press Run in a few minutes.`;
    case 'failed':
      return image.message;
    case 'absent':
      return '“npm run image” makes it again.';
  }
}

type QueueLimits = { capacity: number; queueLength: number; queuePerSource: number };

export type AdmissionPlan<Lab> = QueueLimits & {
  /** Labs that visitors of one source may have at a time. */
  perSource: number;
  /** Labs kept ready ahead of need. */
  warm: number;
  makeLab: () => Promise<Lab>;
  imageState: () => ImageState;
  onMakeFailed: (error: unknown) => void;
  /** Each lab that was made, given or given back, and each visitor refused: for who counts them. */
  on: AdmissionListener;
};

export type AdmissionListener = {
  made(ms: number): void;
  /** `waitedMs` since it was asked for; `hadToWait` when none was there. */
  given(waitedMs: number, hadToWait: boolean): void;
  givenBack(lifeMs: number): void;
  refused(reason: QueueFull['reason']): void;
};

/** How often a waiting visitor is told how far the image is. */
const IMAGE_POLL_MS = 250;
/** After a failure, so long until the next lab is made ahead of need. */
const RETRY_MS = 5_000;
/** A new lab in the pool waits so long: making it would slow down the run for which the last one was taken. */
const REFILL_DELAY_MS = 1_000;
/** How often those who wait are told their place, and that of a wait which is not over yet. */
const TELL_MS = 250;
const TELL_AGAIN_MS = 5_000;

type Visitor<Lab> = {
  askedAt: number;
  hadToWait: boolean;
  give(lab: Lab): void;
  refuse(error: unknown): void;
  tell(waiting: Waiting): void;
};

export function openAdmission<Lab extends AdmittedLab>(plan: AdmissionPlan<Lab>): Admission<Lab> {
  const warm: Lab[] = [];
  const line = openLine<Visitor<Lab>>();
  const times = labTimes(() => performance.now());
  const held = new Map<string, number>();
  let making = 0;
  let open = 0;
  let closing = false;
  let lastMakeMs: number | null = null;
  let last: 'nothing' | 'made' | 'failed' = 'nothing';
  let imageReady = false;
  let lastTakenAt = -REFILL_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;
  let tellTimer: NodeJS.Timeout | undefined;
  let lastToldAt = -TELL_MS;

  const heldBy = (source: string | null) => (source === null ? 0 : (held.get(source) ?? 0));
  const mayServe = (source: string | null) => heldBy(source) < plan.perSource;
  const count = (source: string | null, change: 1 | -1) => {
    open += change;
    if (source === null) return;
    const left = heldBy(source) + change;
    if (left === 0) held.delete(source);
    else held.set(source, left);
  };

  /** The one place where labs are handed out and made; called whenever something changed. */
  const settle = () => {
    if (closing) return;
    if (!imageReady) {
      const image = plan.imageState();
      imageReady = image.state === 'ready';
      if (!imageReady) {
        for (const { item } of line.inOrder()) item.tell({ for: 'image', image });
        return settleIn(IMAGE_POLL_MS);
      }
    }
    while (warm.length > 0) {
      const next = line.next(mayServe);
      const lab = next === null ? undefined : warm.shift();
      if (next === null || lab === undefined) break;
      give(lab, next.source, next.item);
    }
    const refill = performance.now() - lastTakenAt >= REFILL_DELAY_MS;
    const wanted = servable() + (refill ? plan.warm : 0);
    while (making + warm.length < wanted && making + warm.length + open < plan.capacity) void make();
    tellSoon();
    if (!refill) settleIn(REFILL_DELAY_MS);
  };
  const settleIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(settle, ms);
  };

  const give = (lab: Lab, source: string | null, visitor: Visitor<Lab>) => {
    const givenAt = performance.now();
    const giveBack = times.given();
    lastTakenAt = givenAt;
    count(source, 1);
    void lab.closed.then(() => {
      count(source, -1);
      giveBack();
      plan.on.givenBack(performance.now() - givenAt);
      settle();
    });
    plan.on.given(givenAt - visitor.askedAt, visitor.hadToWait);
    visitor.give(lab);
  };

  /** How many of those who wait could have a lab now: no source more than it may have. */
  const servable = (): number => {
    const taken = new Map<string, number>();
    let wanted = 0;
    for (const { source } of line.inOrder()) {
      const own = source === null ? 0 : (taken.get(source) ?? heldBy(source));
      if (own >= plan.perSource) continue;
      if (source !== null) taken.set(source, own + 1);
      wanted++;
    }
    return wanted;
  };

  const make = async () => {
    making++;
    const startedAt = performance.now();
    try {
      const lab = await plan.makeLab();
      making--;
      last = 'made';
      lastMakeMs = performance.now() - startedAt;
      plan.on.made(lastMakeMs);
      if (closing) return await lab.close();
      warm.push(lab);
      void lab.closed.then(() => {
        const index = warm.indexOf(lab);
        if (index === -1) return;
        warm.splice(index, 1);
        settle();
      });
      settle();
    } catch (error) {
      making--;
      last = 'failed';
      plan.onMakeFailed(error);
      line.next(mayServe)?.item.refuse(error);
      // Each attempt turns one away who waits, so this comes to an end.
      if (servable() > 0) settle();
      else settleIn(RETRY_MS);
    }
  };

  /** All that wait, now and again: a place that did not change is nearer all the same. */
  const tellAll = () => {
    lastToldAt = performance.now();
    let position = 0;
    const ownPositions = new Map<string, number>();
    for (const { source, item } of line.inOrder()) {
      if (source === null || mayServe(source)) {
        // One that is being made is there in no time.
        const expectedMs = ++position <= making ? lastMakeMs : times.expectedWaitMs(position - making, open);
        item.tell({ for: 'lab', position, expectedMs: roughly(expectedMs), ownLimit: null });
      } else {
        const own = (ownPositions.get(source) ?? 0) + 1;
        ownPositions.set(source, own);
        const expectedMs = times.expectedWaitMs(own, heldBy(source));
        item.tell({ for: 'lab', position: own, expectedMs: roughly(expectedMs), ownLimit: plan.perSource });
      }
    }
    clearTimeout(tellTimer);
    tellTimer = line.length() === 0 ? undefined : setTimeout(tellAll, TELL_AGAIN_MS);
  };
  /** At once, unless that was a moment ago: a thousand who come at a time are not each told a thousand times. */
  const tellSoon = () => {
    const inMs = lastToldAt + TELL_MS - performance.now();
    if (inMs <= 0) return tellAll();
    clearTimeout(tellTimer);
    tellTimer = setTimeout(tellAll, inMs);
  };

  /** Why a newcomer is turned away. Those whose lab is as good as there do not stand in line. */
  const refusal = (source: string | null): QueueFull | null => {
    if (source !== null) {
      const own = line.lengthOf(source) - Math.max(0, plan.perSource - heldBy(source));
      if (own >= plan.queuePerSource) return new QueueFull('queue-per-address', plan);
    }
    return line.length() >= plan.queueLength + plan.capacity - open ? new QueueFull('queue', plan) : null;
  };

  settle();

  return {
    from: (source) => ({
      acquire(signal, onWaiting) {
        if (closing) return Promise.reject(new Error('The runner is shutting down.'));
        if (signal.aborted) return Promise.reject(signal.reason);
        const refused = refusal(source);
        if (refused !== null) {
          plan.on.refused(refused.reason);
          return Promise.reject(refused);
        }
        const { promise, resolve, reject } = Promise.withResolvers<Lab>();
        const leave = () => {
          if (line.leave(visitor)) settle();
          reject(signal.reason);
        };
        const visitor: Visitor<Lab> = {
          askedAt: performance.now(),
          hadToWait: false,
          give: resolve,
          refuse: reject,
          tell: onWaiting,
        };
        signal.addEventListener('abort', leave);
        void promise.catch(() => {}).finally(() => signal.removeEventListener('abort', leave));
        line.join(source, visitor);
        settle();
        visitor.hadToWait = !mayServe(source) || servable() > making;
        return promise;
      },
    }),
    counts: () => ({ open, capacity: plan.capacity, queued: line.length(), warm: warm.length, making }),
    readiness() {
      if (closing) return 'closing';
      if (last === 'failed') return 'failing';
      // Where none is made ahead, the first visitor's is the first one: whoever waits for readiness must not keep them away.
      if (!imageReady || (last === 'nothing' && plan.warm > 0)) return 'starting';
      return warm.length > 0 || making + open < plan.capacity ? 'ready' : 'full';
    },
    async close() {
      closing = true;
      clearTimeout(timer);
      clearTimeout(tellTimer);
      for (let next = line.next(() => true); next !== null; next = line.next(() => true)) {
        next.item.refuse(new Error('The runner is shutting down.'));
      }
      await Promise.all(warm.map((lab) => lab.close()));
    },
  };
}

/** A guess in steps: what changes by a second is not told anew each second. */
function roughly(ms: number | null): number | null {
  return ms === null ? null : Math.ceil(ms / ROUGH_MS) * ROUGH_MS;
}

const ROUGH_MS = 5_000;
