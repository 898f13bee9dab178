// A scenario's k6 options, and what it tells whoever prepares and judges its run: `options.ext.onsale`, which
// `k6 inspect` prints.
import { thresholds } from './thresholds.js';

// `load` is what shapes.js made: `scenarios`, `offered` and `phases`. `calls` have objectives, `watched` do not. `faults` are made by
// the runner, one in each run.
export function describe(set, { name, question, load, room, seats = [], calls = [], watched = [], proves = [], faults = [], more = {} }) {
    const abort = set.SHAPE === 'breakpoint';
    return {
        scenarios: load.scenarios,
        thresholds: { ...thresholds({ calls, watched, offered: load.offered, abort, factor: set.SLO_FACTOR }), ...more },
        tags: { testid: set.TEST_ID || `${name}-${Date.now().toString(36)}` },
        summaryTrendStats: ['avg', 'min', 'p(50)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max', 'count'],
        // Without the address, the visitor and the iteration, each of which would be a series of its own.
        systemTags: ['status', 'method', 'name', 'scenario', 'expected_response', 'error_code', 'check'],
        setupTimeout: '180s',
        batch: 20,
        batchPerHost: 20,
        userAgent: 'onsale-k6',
        ext: { onsale: { name, question, room, seats, calls, proves, faults, faultAt: set.FAULT_AT, faultLasts: set.FAULT_LASTS, phases: load.phases || [], offered: load.offered } },
    };
}

// A room that is no hurdle: everybody is admitted at once, and stays in.
export const OPEN_ROOM = {
    id: 'own',
    mode: 'open',
    capacity: 1000000,
    ratePerSecond: 100000,
    burst: 100000,
    claimWindowMs: 300000,
    returnWindowMs: 600000,
    leaseMs: 600000,
    sessionCapMs: 86400000,
    maxWaiting: 10000000,
};

// A room that nobody gets out of but by leaving.
export const STANDING_ROOM = { ...OPEN_ROOM, mode: 'paused', capacity: 1 };
