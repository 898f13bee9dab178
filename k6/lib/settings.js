// Every setting of the load scripts, declared once. A setting is an environment variable, given by `-e NAME=value` or by the
// shell; where it is not given, its default is of the profile: `laptop` shares one machine with everything it measures,
// `ci` does so in under two minutes. README.md has the same table for people.

const always = (value) => ({ laptop: value, ci: value });

export const SETTINGS = {
    PROFILE: { ...always('laptop'), unit: 'laptop | ci', meaning: 'which defaults hold' },
    ONSALE_GATEWAYS: { ...always('http://127.0.0.1:8080'), unit: 'URLs', meaning: 'the gateways, with commas between; visitors are spread over them' },
    CONCERT_ID: { ...always(0), unit: 'id', meaning: 'the concert that is asked for; 0: the first of the API' },
    SCHEDULES: { ...always([]), unit: 'JSON', meaning: 'its schedules, [{"scheduleId": 1, "seats": 50}]; none: those of the API' },
    ROOM_ID: { ...always(1), unit: 'id', meaning: 'the room that guards the concert' },
    TEST_ID: { ...always(''), unit: 'text', meaning: 'names the run and its visitors; none: one is made of the scenario and the time' },
    SEED: { ...always('1'), unit: 'text', meaning: 'what all choices follow from' },
    SHAPE: { ...always('constant'), unit: 'smoke | average | stress | spike | soak | overload | breakpoint | constant', meaning: 'how the load goes over time' },
    RATE: { laptop: 20, ci: 5, unit: 'iterations/s', meaning: 'what is offered at the plateau; most scenarios have a default of their own' },
    FACTOR: { ...always(3), unit: 'times', meaning: 'overload: of RATE, which is what the system bears' },
    DURATION: { laptop: '60s', ci: '10s', unit: 'duration', meaning: 'how long it is measured' },
    WARMUP: { laptop: '10s', ci: '3s', unit: 'duration', meaning: 'how long the same load goes before that, unmeasured' },
    VUS: { ...always(0), unit: 'count', meaning: 'virtual users of the part with the highest rate; 0: as many as the rate needs, and half as many again' },
    TIMEOUT: { ...always('10s'), unit: 'duration', meaning: 'after which a request counts as not answered' },
    TRACE_RATIO: { ...always(0.01), unit: 'share', meaning: 'of the requests that carry a traceparent, and so are traced' },
    LOOK_RATIO: { ...always(0.1), unit: 'share', meaning: 'of the seat lists above 100 seats that are looked at seat by seat' },
    SLO_FACTOR: { ...always(1), unit: 'times', meaning: 'how much longer than its objective a call may take: for a machine that is busy with something else' },
    RESULTS: { ...always(''), unit: 'folder', meaning: 'where summary.json is written, there already; none: nowhere' },
    POOL: { laptop: 200, ci: 20, unit: 'count', meaning: 'tokens that are made before the run, for scenarios that need some' },
    SEATS: { ...always(1000), unit: '50 | 1000 | 15000', meaning: 'which schedule is read and sold: the one with that many seats' },
    SCHEDULE_COUNT: { ...always(1), unit: 'count', meaning: 'journey, onsale, failure: how many such schedules there are, of which each visitor wants one; 100 at most' },
    ETAG: { ...always(1), unit: '0 | 1', meaning: 'seats, schedules: send back the ETag of the last answer' },
    VIEW: { ...always('list'), unit: 'list | states', meaning: 'seats: which representation' },
    GZIP: { ...always(1), unit: '0 | 1', meaning: 'take compressed answers, as a browser does' },
    SELLING: { ...always(1), unit: '0 | 1', meaning: 'seats: hold, sell and release seats of the same schedule meanwhile' },
    SELLING_RATE: { laptop: 5, ci: 2, unit: 'holds/s', meaning: 'seats: how fast they are' },
    THINK: { laptop: 2, ci: 0.5, unit: 's', meaning: 'how long a visitor thinks between two steps; from half of it to one and a half' },
    PATIENCE: { laptop: '120s', ci: '30s', unit: 'duration', meaning: 'how long a visitor waits in line before it goes' },
    CROWD: { laptop: 2000, ci: 50, unit: 'count', meaning: 'poll_storm, reconnect_storm: how many wait in line and poll' },
    HOT: { ...always(10), unit: 'count', meaning: 'hold_storm: how many seats everybody wants' },
    FAULT: { ...always(''), unit: 'name', meaning: 'failure, reconnect_storm: what the runner breaks in this run' },
    FAULT_AT: { laptop: 20, ci: 8, unit: 's', meaning: 'failure, reconnect_storm: when it is broken, after the preparations' },
    FAULT_LASTS: { laptop: 5, ci: 3, unit: 's', meaning: 'failure, reconnect_storm: how long it stays broken' },
    STORM_VUS: { laptop: 100, ci: 20, unit: 'count', meaning: 'hold_storm: how many want them at once' },
};

// What single scenarios have instead.
const OWN = {
    smoke: { WARMUP: always('0s') },
    token: { RATE: { laptop: 100, ci: 10 } },
    status: { RATE: { laptop: 200, ci: 20 } },
    schedules: { RATE: { laptop: 200, ci: 20 }, ETAG: always(0) },
    seats: { RATE: { laptop: 50, ci: 10 } },
    hold: { RATE: { laptop: 20, ci: 5 }, SEATS: always(15000) },
    journey: { RATE: { laptop: 5, ci: 2 }, SEATS: always(15000), DURATION: { laptop: '120s', ci: '20s' } },
    onsale: { RATE: { laptop: 50, ci: 10 }, DURATION: { laptop: '40s', ci: '15s' }, WARMUP: always('0s'), SEATS: always(15000) },
    failure: { RATE: { laptop: 5, ci: 2 }, SEATS: always(15000), DURATION: { laptop: '50s', ci: '25s' }, WARMUP: always('0s') },
    poll_storm: { RATE: { laptop: 300, ci: 20 } },
    reconnect_storm: { RATE: { laptop: 200, ci: 20 } },
    hold_storm: { WARMUP: always('0s') },
    ci: { RATE: always(10), DURATION: always('20s'), WARMUP: always('3s') },
};

// The settings as the scenario uses them: numbers as numbers, durations in seconds, JSON as what it says.
export function settings(scenario) {
    const profile = __ENV.PROFILE || SETTINGS.PROFILE.laptop;
    const read = {};
    for (const name of Object.keys(SETTINGS)) {
        const standard = ((OWN[scenario] || {})[name] || SETTINGS[name])[profile];
        if (standard === undefined) {
            throw new Error(`PROFILE is ${profile}, and has to be laptop or ci`);
        }
        read[name] = value(name, SETTINGS[name].unit, standard);
    }
    return read;
}

function value(name, unit, standard) {
    const given = __ENV[name];
    const raw = given === undefined || given === '' ? standard : given;
    if (unit === 'duration') {
        return seconds(name, raw);
    }
    if (unit === 'JSON') {
        return typeof raw === 'string' ? JSON.parse(raw) : raw;
    }
    if (unit.includes(' | ') && !unit.split(' | ').includes(String(raw))) {
        throw new Error(`${name} is ${raw}, and has to be one of ${unit}`);
    }
    return typeof standard === 'number' ? number(name, raw) : raw;
}

function number(name, raw) {
    const read = Number(raw);
    if (!Number.isFinite(read) || read < 0) {
        throw new Error(`${name} is ${raw}, and has to be a number from 0`);
    }
    return read;
}

// Of `90s`, `2m`, `1m30s`, `1h`, `500ms`.
function seconds(name, raw) {
    const parts = [...String(raw).matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    if (parts.length === 0 || parts.map((part) => part[0]).join('') !== raw) {
        throw new Error(`${name} is ${raw}, and has to be a duration such as 90s or 1m30s`);
    }
    const long = { ms: 0.001, s: 1, m: 60, h: 3600 };
    return parts.reduce((sum, part) => sum + Number(part[1]) * long[part[2]], 0);
}
