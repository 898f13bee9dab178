// How load goes over time, always as an open model: iterations begin at the rate that is offered, whether or not earlier
// ones have ended. Who slows down with the server measures how patient it is itself.
//
// Each part of a shape is a k6 scenario of its own, so that a plateau's `iterations` divided by what was offered is the
// share that was done. Parts that are measured are tagged `phase:steady`; those before are `phase:warmup`, and their requests are
// named `warmup`: no objective sees them. What is dropped has the name of its scenario and no such tag.
//
// Short iterations leave a pause between the warm-up and what is measured, in which the former's virtual users become the
// latter's, with their connections and with what they know. Long ones do not: the load must not stop in between.
//
// All virtual users are made before the run (`maxVUs` equals `preAllocatedVUs`): to make one in the middle takes the very
// processor that is being measured. Where they do not suffice iterations are dropped, which makes the run not valid.

export const step = (from, to, seconds) => ({ from, to, seconds });

// By RATE and DURATION: parts that follow one another. `stages` of one part belong together.
const SHAPES = {
    smoke: (rate, seconds) => [part([step(Math.max(1, rate / 20), Math.max(1, rate / 20), Math.min(15, seconds))])],
    constant: (rate, seconds) => [part([step(rate, rate, seconds)])],
    soak: (rate, seconds) => [part([step(rate, rate, __ENV.DURATION ? seconds : 1800)])],
    average: (rate, seconds) => [
        part([step(0, rate, seconds / 5)], 'ramp_up'),
        part([step(rate, rate, seconds)]),
        part([step(rate, 0, seconds / 10)], 'ramp_down'),
    ],
    stress: (rate, seconds) => [0.5, 1, 1.5, 2].map((times) => part([step(rate * times, rate * times, seconds / 4)])),
    spike: (rate, seconds) => [
        part([
            step(rate / 10, rate / 10, seconds / 5),
            step(rate / 10, rate, 10),
            step(rate, rate, seconds / 2),
            step(rate, rate / 10, 10),
            step(rate / 10, rate / 10, seconds / 5),
        ]),
    ],
    // Times as long as those of k6/overload with oha.
    overload: (rate, seconds, factor) => [
        part([step(rate / 2, rate / 2, 6)]),
        part([step(factor * rate, factor * rate, seconds)]),
        part([step(rate / 2, rate / 2, 10)]),
    ],
    breakpoint: (rate, seconds) => [part([step(rate, 10 * rate, seconds)])],
};

function part(steps, unmeasured = '') {
    return { steps, unmeasured };
}

// What goes for the scenario's own iterations: k6 scenarios that run `exec`, and what they offer. `busy` is how long an iteration
// keeps a virtual user, in seconds.
export function load(set, { name, exec = 'default', busy, shape = set.SHAPE }) {
    const parts = SHAPES[shape](set.RATE, set.DURATION, set.FACTOR);
    const scenarios = {};
    const offered = [];
    const phases = [];
    const stop = Math.max(5, Math.ceil(2 * busy));
    let begin = 0;
    if (set.WARMUP > 0 && !parts[0].unmeasured && shape !== 'smoke') {
        const first = parts[0].steps[0].from;
        const pause = busy <= 1 ? 2 : 0;
        const warm = { exec, busy, phase: 'warmup', vus: set.VUS, stop: pause > 0 ? 1 : stop };
        scenarios.warmup = arrivals({ ...warm, steps: [step(first, first, set.WARMUP)] });
        phases.push({ name: 'warm-up', at: 0 });
        begin = set.WARMUP + pause;
    }
    const measured = parts.filter((one) => !one.unmeasured).length;
    const most = Math.max(...parts.map(({ steps }) => peakOf(steps)));
    parts.forEach(({ steps, unmeasured }, at) => {
        const key = unmeasured || (measured > 1 ? `${name}_${at + 1}` : name);
        const phase = unmeasured ? 'warmup' : 'steady';
        // Where much less is offered fewer virtual users do: each that is there is memory that k6 goes through again and again.
        const vus = Math.ceil((set.VUS * peakOf(steps)) / most);
        scenarios[key] = arrivals({ exec, busy, stop, phase, steps, begin, vus });
        phases.push({ name: key, at: begin });
        const seconds = steps.reduce((sum, one) => sum + one.seconds, 0);
        if (!unmeasured) {
            offered.push({ scenario: key, rate: iterations(steps) / seconds, seconds });
        }
        begin += seconds;
    });
    phases.push({ name: 'end', at: begin });
    return { scenarios, offered, phases, seconds: begin };
}

const peakOf = (steps) => Math.max(...steps.map((one) => Math.max(one.from, one.to)));

function iterations(steps) {
    return steps.reduce((sum, one) => sum + ((one.from + one.to) / 2) * one.seconds, 0);
}

// As many as are busy, and half as many again.
export const usersFor = (rate, busy) => Math.ceil(1.5 * rate * busy) + 5;

// One k6 scenario with an arrival rate.
export function arrivals({ exec, steps, busy, phase = 'steady', begin = 0, vus = 0, stop = 5 }) {
    const peak = peakOf(steps);
    const allocated = vus || usersFor(peak, busy);
    const rest = {
        exec,
        startTime: `${begin}s`,
        timeUnit: '60s',
        preAllocatedVUs: allocated,
        maxVUs: allocated,
        gracefulStop: `${stop}s`,
        env: { PHASE: phase },
        tags: { phase },
    };
    const perMinute = (rate) => Math.round(60 * rate);
    if (steps.length === 1 && steps[0].from === steps[0].to) {
        return { ...rest, executor: 'constant-arrival-rate', rate: perMinute(peak), duration: `${steps[0].seconds}s` };
    }
    // A stage goes on from where the one before it ended.
    const stages = steps.map(({ to, seconds }) => ({ target: perMinute(to), duration: `${seconds}s` }));
    return { ...rest, executor: 'ramping-arrival-rate', startRate: perMinute(steps[0].from), stages };
}

// Beside that, from the first second of the warm-up to the last of the rest: what goes on meanwhile, at a rate of its own.
export function beside(main, { exec, rate, busy }) {
    return arrivals({ exec, busy, steps: [step(rate, rate, main.seconds)] });
}

// A number of iterations, by so many at a time: for what is tried rather than measured.
export const once = ({ vus, count, most }) => tried({ executor: 'shared-iterations', vus, iterations: count, most });

// One iteration of each, all at the same instant.
export const each = ({ vus, most }) => tried({ executor: 'per-vu-iterations', vus, iterations: 1, most });

function tried({ executor, vus, iterations: count, most }) {
    return {
        executor,
        vus,
        iterations: count,
        maxDuration: `${most}s`,
        gracefulStop: '0s',
        env: { PHASE: 'steady' },
        tags: { phase: 'steady' },
    };
}
