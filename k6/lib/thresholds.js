// What a run has to keep to, and what its summary tells apart. Objectives are of slo.json; k6 tells of a part of a metric only
// where a threshold names it, and an empty list of thresholds is one that always holds.
import { refusalsOf, statusesOf } from './api.js';

const SLO = JSON.parse(open('../slo.json'));

// `calls` have objectives, `watched` are told apart without. `offered` as the shape says. Durations may be `factor` times as long.
export function thresholds({ calls, watched, offered, abort, factor }) {
    const all = {
        'checks': ['rate==1'],
        'onsale_broken': ['count==0'],
        'onsale_seats_age': ['max<=250'],
        'iterations{phase:steady}': [],
        'http_req_duration{name:warmup}': [],
        'http_reqs{name:warmup}': [],
        'http_reqs{name:prepare}': [],
    };
    for (const invariant of ['I1', 'I2', 'I4', 'I5', 'I6', 'I7']) {
        all[`onsale_broken{invariant:${invariant}}`] = [];
    }
    for (const { scenario } of offered) {
        all[`iterations{scenario:${scenario}}`] = [];
        all[`dropped_iterations{scenario:${scenario}}`] = [];
        all[`iteration_duration{scenario:${scenario}}`] = [];
    }
    for (const name of [...calls, ...watched]) {
        Object.assign(all, parts(name));
    }
    for (const name of calls) {
        Object.assign(all, objectives(name, abort, factor));
    }
    return all;
}

function parts(name) {
    const told = {
        [`http_req_duration{name:${name}}`]: [],
        [`http_reqs{name:${name}}`]: [],
        [`http_req_failed{name:${name}}`]: [],
        [`onsale_errors{name:${name}}`]: [],
        [`onsale_unexpected{name:${name}}`]: [],
    };
    for (const status of statusesOf(name)) {
        told[`http_reqs{name:${name},status:${status}}`] = [];
    }
    if (statusesOf(name).includes(304)) {
        told[`http_req_duration{name:${name},status:200}`] = [];
        told[`http_req_duration{name:${name},status:304}`] = [];
    }
    for (const reason of refusalsOf(name)) {
        told[`onsale_refused{reason:${reason}}`] = [];
    }
    return told;
}

// An answer without a body must not make up for those with one, so that 304s have objectives of their own.
function objectives(name, abort, factor) {
    const told = {
        [`http_req_duration{name:${name}}`]: within(SLO[name], abort, factor),
        [`onsale_errors{name:${name}}`]: [`rate<=${SLO[name].errorShare}`],
    };
    if (SLO[`${name}_304`]) {
        told[`http_req_duration{name:${name},status:200}`] = within(SLO[name], abort, factor);
        told[`http_req_duration{name:${name},status:304}`] = within(SLO[`${name}_304`], abort, factor);
    }
    return told;
}

function within({ p95Ms, p99Ms }, abort, factor) {
    const held = [`p(95)<${p95Ms * factor}`, `p(99)<${p99Ms * factor}`];
    return abort ? held.map((threshold) => ({ threshold, abortOnFail: true, delayAbortEval: '10s' })) : held;
}
