import type { RunnerEvent } from '../../protocol/message.ts';
import { HOST_NAMES } from '../../protocol/topology.ts';
import type { LabSource } from '../admission.ts';
import { openWitness, type Witness, type WitnessListener } from '../evidence/witness.ts';
import type { Lab } from '../lab/lab.ts';
import { type Attempts, openAttempts } from './attempts.ts';
import { type Idle, watchIdle } from './idle.ts';
import { type LabChanges, labChanges } from './lab-changes.ts';
import { type PacketFeed, packetFeed } from './packet-feed.ts';
import type { Refusal } from './request.ts';
import type { SessionWorld } from './session.ts';
import { tellOnce } from './tell-once.ts';

/** The lab of a session, and all that is seen of it while it is there. */
export type SessionLab = {
  /** Takes one when it is first needed, and again after it was lost or given back. */
  open(): Promise<OpenedLab>;
  /** Does something with the present one; nothing where there is none. */
  withPresent(action: (opened: OpenedLab) => void): void;
  /** Resolves once it is gone. What is asked for from now on is for the next one. */
  giveBack(why: GivenBack): Promise<void>;
  wantToolTexts(wanted: boolean): void;
  /** What is told of conditions may have changed what a tool prints. */
  tellConditions(event: RunnerEvent): void;
  packets: Pick<PacketFeed, 'want' | 'begin'>;
  idle: Pick<Idle, 'used' | 'limitReached'>;
  /** What the commands of shells change. */
  changes: Pick<LabChanges, 'stirred' | 'settled'>;
  /** For the log: the present one, if it is there already. */
  id(): string | undefined;
  close(): Promise<void>;
};

export type OpenedLab = { lab: Lab; witness: Witness; attempts: Attempts };

export type GivenBack = 'fresh-lab' | 'idle';

export type SessionLabPlan = {
  world: Pick<SessionWorld, 'kernel' | 'limits' | 'labIdleSeconds' | 'log'> & { admission: LabSource<Lab> };
  /** Aborted when the session closes. */
  closing: AbortSignal;
  now(): number;
  tell(event: RunnerEvent): void;
  sendFrame(frame: Uint8Array<ArrayBuffer>): void;
  refuse(refusal: Refusal): void;
  isThere(): boolean;
  /** What goes on in the lab just now. */
  works(): { runs: boolean; shells: boolean };
  /** The lab is about to be given back: what goes on in it ends. */
  abandonAll(why: GivenBack): void;
};

export function openSessionLab(plan: SessionLabPlan): SessionLab {
  const { world, closing, tell } = plan;
  let opened: Promise<OpenedLab> | null = null;
  let present: Lab | null = null;
  let areToolTextsWanted = false;
  const givenBack = new WeakSet<Lab>();

  const open = (): Promise<OpenedLab> => {
    if (opened !== null) return opened;
    const taking = take();
    opened = taking;
    // A lab that was given back may end when its successor is there already.
    const forget = () => {
      if (opened === taking) opened = null;
    };
    taking.then(({ lab }) => lab.closed.then(forget), forget);
    return taking;
  };
  const withPresent = (action: (opened: OpenedLab) => void) => void opened?.then(action).catch(() => {});

  const take = async (): Promise<OpenedLab> => {
    const lab = await world.admission.acquire(
      closing,
      tellOnce((waiting) => tell({ type: 'waiting', ...waiting })),
    );
    const witness = await witnessOf(lab, {
      event(host, event, line) {
        if (host === 'client' && event.kind === 'created') attempts.connectionBegins();
        if (host === 'client' && event.kind === 'closed') attempts.connectionEnds();
        tell({ type: 'mptcp-event', host, event, line });
      },
      toolText: (text) => tell({ type: 'tool-text', ...text }),
    });
    const attempts = openAttempts({ witness, topology: lab.topology, tell, begun: () => changes.attemptBegins() });
    present = lab;
    world.log.info({ lab: lab.id }, 'lab given');
    void lab.closed.then(() => {
      attempts.close();
      witness.close();
      if (present === lab) present = null;
      if (closing.aborted || givenBack.has(lab)) return;
      leave();
      world.log.error({ lab: lab.id, why: lab.lastWords() }, 'lab lost');
      tell({ type: 'lab-closed', why: 'The lab ended. Run takes a new one.' });
    });
    tell({ type: 'lab-opened', lab: lab.id, topology: lab.topology, netem: lab.netem, commands: lab.commands });
    tell({ type: 'conditions', request: null, conditions: lab.conditions.present(), commands: [] });
    packets.enter(lab);
    const meters = HOST_NAMES.map((host) => lab.meter(host));
    idle.enter({
      cpuSeconds: () => meters.reduce((sum, meter) => sum + meter.usedSeconds(), 0),
      links: () => witness.evidence().links,
    });
    witness.wantToolTexts(areToolTextsWanted);
    attempts.watchFor(plan.works().shells);
    return { lab, witness, attempts };
  };

  /** A lab that nobody can look into, as when no descriptor is left, is given back. */
  const witnessOf = async (lab: Lab, listener: WitnessListener): Promise<Witness> => {
    try {
      return openWitness(lab, world.kernel, listener);
    } catch (error) {
      await lab.close();
      throw error;
    }
  };

  const giveBack = async (why: GivenBack): Promise<void> => {
    plan.abandonAll(why);
    const giving = opened;
    if (giving === null) return;
    opened = null;
    leave();
    tell({ type: 'lab-closed', why: givenBackWords(why, world.labIdleSeconds) });
    const { lab } = await giving;
    givenBack.add(lab);
    await lab.close();
  };
  const leave = () => {
    idle.leave();
    packets.leave();
  };

  const idle = watchIdle({
    runSeconds: world.limits.idleSeconds,
    labSeconds: world.labIdleSeconds,
    isThere: plan.isThere,
    works: () => ({ runs: plan.works().runs, others: plan.works().shells }),
    giveBack: () =>
      void giveBack('idle').catch((error: unknown) => world.log.error({ error: String(error) }, 'lab not given back')),
  });

  const packets = packetFeed({
    now: plan.now,
    tell,
    sendFrame: plan.sendFrame,
    fail(error) {
      if (closing.aborted) return;
      plan.refuse({ code: 'internal', message: 'Packets could not be captured. The runner’s log tells why.' });
      world.log.error({ error: String(error) }, 'capture failed');
    },
  });

  const tellConditions = (event: RunnerEvent) => {
    tell(event);
    withPresent(({ witness }) => void witness.lookAtSettings().catch(() => {}));
  };
  const changes = labChanges({
    lab: async () => (await opened)?.lab ?? null,
    tell: (conditions) => tellConditions({ type: 'conditions', request: null, conditions, commands: [] }),
    // Nothing changed, or it was told already.
    tellAtAttempt: (conditions) => tell({ type: 'conditions', request: null, conditions, commands: [], atAttempt: true }),
    fail: (error) => world.log.warn({ error: String(error) }, 'conditions could not be read'),
  });

  return {
    open,
    withPresent,
    giveBack,
    wantToolTexts(wanted) {
      areToolTextsWanted = wanted;
      withPresent(({ witness }) => witness.wantToolTexts(wanted));
    },
    tellConditions,
    packets,
    idle,
    changes,
    id: () => present?.id,
    async close() {
      changes.close();
      idle.leave();
      const last = await opened?.catch(() => null);
      await packets.close();
      await last?.lab.close();
    },
  };
}

function givenBackWords(why: GivenBack, idleSeconds: number): string {
  if (why === 'fresh-lab') return 'The lab was given back. A fresh one takes its place.';
  const time = idleSeconds >= 120 ? `${Math.round(idleSeconds / 60)} minutes` : `${idleSeconds} s`;
  return `Your lab was given back after ${time} without use. Run takes a new one.`;
}
