import type { ImageState } from '../protocol/status.ts';

/** What admission must know of a lab to count it. */
export type AdmittedLab = { closed: Promise<void>; close(): Promise<void> };

/** Why a visitor waits; `position` 1 is next. */
export type Waiting = { for: 'image'; image: ImageState } | { for: 'lab'; position: number };

/** Who gets a lab, and when. Labs are made ahead of need, never more than the capacity, first come first served. */
export type Admission<Lab> = {
  /**
   * A lab of the caller's own; closing it gives the place back.
   * Rejects with QueueFull, with the signal's reason, or when labs cannot be made.
   */
  acquire(signal: AbortSignal, onWaiting: (waiting: Waiting) => void): Promise<Lab>;
  counts(): { open: number; capacity: number; queued: number };
  /** Whether a newcomer would get a lab now: one is warm, or there is room and making them works. */
  ready(): boolean;
  close(): Promise<void>;
};

export class QueueFull extends Error {
  constructor(queueLength: number) {
    super(`All labs are in use, and the line of ${queueLength} that wait for one is full. Try again in a minute.`);
  }
}

export type AdmissionPlan<Lab> = {
  capacity: number;
  /** Labs kept ready ahead of need. */
  warm: number;
  queueLength: number;
  makeLab: () => Promise<Lab>;
  imageState: () => ImageState;
  onMakeFailed: (error: unknown) => void;
};

/** How often a waiting visitor is told how far the image is. */
const IMAGE_POLL_MS = 250;
/** After a failure, so long until the next lab is made ahead of need. */
const RETRY_MS = 5_000;
/** A new lab in the pool waits so long: making it would slow down the run for which the last one was taken. */
const REFILL_DELAY_MS = 1_000;

type Visitor<Lab> = { give(lab: Lab): void; refuse(error: unknown): void; tell(waiting: Waiting): void };

export function openAdmission<Lab extends AdmittedLab>(plan: AdmissionPlan<Lab>): Admission<Lab> {
  const warm: Lab[] = [];
  const queue: Visitor<Lab>[] = [];
  let making = 0;
  let open = 0;
  let closing = false;
  let healthy = false;
  let imageReady = false;
  let lastTakenAt = -REFILL_DELAY_MS;
  let timer: NodeJS.Timeout | undefined;

  /** The one place where labs are handed out and made; called whenever something changed. */
  const settle = () => {
    if (closing) return;
    if (!imageReady) {
      const image = plan.imageState();
      imageReady = image.state === 'ready';
      if (!imageReady) {
        for (const visitor of queue) visitor.tell({ for: 'image', image });
        return settleIn(IMAGE_POLL_MS);
      }
    }
    for (let lab = warm[0], next = queue[0]; lab && next; lab = warm[0], next = queue[0]) {
      warm.shift();
      queue.shift();
      open++;
      lastTakenAt = performance.now();
      next.give(lab);
    }
    const refill = performance.now() - lastTakenAt >= REFILL_DELAY_MS;
    const wanted = queue.length + (refill ? plan.warm : 0);
    while (making + warm.length < wanted && making + warm.length + open < plan.capacity) void make();
    for (const [index, visitor] of queue.entries()) visitor.tell({ for: 'lab', position: index + 1 });
    if (!refill) settleIn(REFILL_DELAY_MS);
  };
  const settleIn = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(settle, ms);
  };

  const make = async () => {
    making++;
    try {
      const lab = await plan.makeLab();
      making--;
      healthy = true;
      if (closing) return await lab.close();
      warm.push(lab);
      void lab.closed.then(() => {
        const index = warm.indexOf(lab);
        if (index === -1) open--;
        else warm.splice(index, 1);
        settle();
      });
      settle();
    } catch (error) {
      making--;
      healthy = false;
      plan.onMakeFailed(error);
      queue.shift()?.refuse(error);
      settleIn(queue.length > 0 ? 0 : RETRY_MS);
    }
  };

  settle();

  return {
    acquire(signal, onWaiting) {
      const { promise, resolve, reject } = Promise.withResolvers<Lab>();
      if (closing) reject(new Error('The runner is shutting down.'));
      else if (queue.length >= plan.queueLength + plan.capacity - open) reject(new QueueFull(plan.queueLength));
      else {
        const visitor: Visitor<Lab> = { give: resolve, refuse: reject, tell: onWaiting };
        signal.addEventListener('abort', () => {
          const index = queue.indexOf(visitor);
          if (index !== -1) queue.splice(index, 1);
          reject(signal.reason);
        });
        queue.push(visitor);
        settle();
      }
      return promise;
    },
    counts: () => ({ open, capacity: plan.capacity, queued: queue.length }),
    ready: () => imageReady && healthy && !closing && (warm.length > 0 || making + open < plan.capacity),
    async close() {
      closing = true;
      clearTimeout(timer);
      for (const visitor of queue.splice(0)) visitor.refuse(new Error('The runner is shutting down.'));
      await Promise.all(warm.map((lab) => lab.close()));
    },
  };
}
