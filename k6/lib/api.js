// The gateway's client: one method for each call. It sends, and sorts the answer into one of three: a success, a refusal that
// the scenario expects (`onsale_refused`), or anything else (`onsale_unexpected`). What a body says is for checks.js.
import http from 'k6/http';
import exec from 'k6/execution';

import { errors, refused, saysWhen, unexpected } from './metrics.js';
import { Stream } from './random.js';

// What is a success, and which refusals are how the system is meant to answer, by call. Scenarios add to the latter by
// `expect`: a call for a seat loses to another one in every run, a join meets a full line in few.
const CALLS = {
    token: { ok: [201], refusals: [] },
    status: { ok: [200], refusals: [] },
    leave: { ok: [204], refusals: [] },
    room: { ok: [200, 304], refusals: [] },
    concerts: { ok: [200, 304], refusals: [] },
    schedules: { ok: [200, 304], refusals: [] },
    seats: { ok: [200, 304], refusals: [] },
    seats_after: { ok: [200], refusals: [] },
    layout: { ok: [200, 304], refusals: [] },
    hold: { ok: [201], refusals: ['seats-taken', 'not-enough-seats'] },
    checkout: { ok: [200], refusals: [] },
    confirm: { ok: [201], refusals: [] },
    release: { ok: [200], refusals: [] },
    sale: { ok: [200], refusals: [] },
    cancel: { ok: [200], refusals: [] },
};

const STATUS = {
    'token-of-ended-epoch': 401,
    'still-waiting': 403,
    'session-ended': 403,
    'room-closed': 403,
    'seats-taken': 409,
    'not-enough-seats': 409,
    'limit-reached': 409,
    'hold-ended': 410,
    'too-many-requests': 429,
    'unavailable': 503,
    'line-full': 503,
    'overloaded': 503,
};

// Names refusals that are meant in this scenario: `expect({ token: ['line-full'] })`, in the init code.
export function expect(refusals) {
    for (const [name, reasons] of Object.entries(refusals)) {
        CALLS[name].refusals.push(...reasons);
        delete CALLS[name].callback;
    }
}

export function refusalsOf(name) {
    return CALLS[name].refusals;
}

// Every status that the call may be answered with, and those that tell of trouble: 0 is no answer.
export function statusesOf(name) {
    const call = CALLS[name];
    return [...new Set([...call.ok, ...call.refusals.map((reason) => STATUS[reason]), 0, 500, 503])];
}

function callbackOf(name) {
    const call = CALLS[name];
    if (!call.callback) {
        const statuses = [...call.ok, ...call.refusals.map((reason) => STATUS[reason])];
        call.callback = http.expectedStatuses(...new Set(statuses));
    }
    return call.callback;
}

// Only what is measured has the name of its call: requests of the warm-up are `warmup`, and those that make a run's tokens
// before it are `prepare`. So `http_req_duration{name:token}` is of the measured part alone, in k6's summary and in Prometheus.
function labelOf(name, isPreparing) {
    const phase = isPreparing ? 'prepare' : __ENV.PHASE || 'prepare';
    return phase === 'steady' ? name : phase;
}

const MOST_COMPLAINTS = 3;
let complaints = 0;

// One answer, and what became of the request.
class Answer {
    constructor(name, label, response) {
        this.name = name;
        this.label = label;
        this.isMeasured = label === name;
        this.response = response;
        this.status = response.status;
        this.ok = CALLS[name].ok.includes(response.status);
        this.problem = this.ok ? '' : problemOf(response);
        this.refused = !this.ok && CALLS[name].refusals.includes(this.problem);
        this.count();
    }

    count() {
        this.tellsWhen();
        errors.add(!this.ok && !this.refused, { name: this.label });
        if (this.refused) {
            refused.add(1, { reason: this.problem });
        } else if (!this.ok) {
            unexpected.add(1, { name: this.label, status: String(this.status), problem: this.problem });
            this.complain();
        }
    }

    // RFC 6585, section 4, and RFC 9110, section 15.6.4.
    tellsWhen() {
        if (this.status === 429 || this.status === 503) {
            saysWhen.add(this.retryAfter(0) > 0);
        }
    }

    complain() {
        complaints += 1;
        if (complaints <= MOST_COMPLAINTS) {
            console.warn(`${this.name}: ${this.status} ${this.problem} ${String(this.response.body || this.response.error).slice(0, 300)}`);
        }
    }

    // What the body says; `{}` where it is no JSON, which no check takes for what was promised.
    get body() {
        if (this.parsed === undefined) {
            try {
                this.parsed = JSON.parse(this.response.body) || {};
            } catch {
                this.parsed = {};
            }
        }
        return this.parsed;
    }

    header(name) {
        return this.response.headers[name];
    }

    // In how many seconds to ask again; `otherwise` where the answer does not tell.
    retryAfter(otherwise) {
        const told = Number(this.header('Retry-After'));
        return Number.isFinite(told) && told > 0 ? told : otherwise;
    }
}

function problemOf(response) {
    if (response.status === 0) {
        return 'no-answer';
    }
    const found = /"type":\s*"urn:onsale:problem:([a-z-]+)"/.exec(response.body || '');
    return found ? found[1] : 'none';
}

const STATUS_OF_A_PLACE = ['GET', '/api/queues/status'];

let traced;

// W3C Trace Context, sampled, for a seeded share of the requests. The others carry none: the gateway decides for itself.
function traceparent(ratio) {
    traced = traced || new Stream('trace', exec.vu.idInTest);
    return traced.chance(ratio) ? `00-${traced.hex(4)}-${traced.hex(2)}-01` : null;
}

// A visitor, as the gateway knows it: a user, and the token that it was given.
export class Client {
    constructor(set, user, n) {
        this.set = set;
        this.user = user;
        this.n = n;
        this.gateways = set.ONSALE_GATEWAYS.split(',');
        this.at = n % this.gateways.length;
        this.token = '';
        // For who waits through a fault: since when nothing good was answered, and the longest time of that.
        this.badSince = 0;
        this.longestGap = 0;
        // Each of its requests has a connection of its own.
        this.closes = false;
        // It is not measured, whatever the phase.
        this.isPreparing = false;
    }

    // Goes to the next gateway, as a load balancer would send it.
    elsewhere() {
        this.at = (this.at + 1) % this.gateways.length;
    }

    // A request as `http.batch` takes it.
    request(name, method, path, { body, headers = {} } = {}) {
        if (this.token) {
            headers.Authorization = `Bearer ${this.token}`;
        }
        if (body !== undefined) {
            headers['Content-Type'] = 'application/json';
        }
        if (this.closes) {
            headers.Connection = 'close';
        }
        const trace = traceparent(this.set.TRACE_RATIO);
        if (trace) {
            headers.traceparent = trace;
        }
        return {
            method,
            url: this.gateways[this.at] + path,
            body: body === undefined ? null : JSON.stringify(body),
            params: {
                headers,
                tags: { name: labelOf(name, this.isPreparing) },
                timeout: this.set.TIMEOUT * 1000,
                responseCallback: callbackOf(name),
            },
        };
    }

    ask(name, method, path, options) {
        const began = Date.now();
        const request = this.request(name, method, path, options);
        const response = http.request(request.method, request.url, request.body, request.params);
        return this.met(began, new Answer(name, request.params.tags.name, response));
    }

    met(began, answer) {
        if (!answer.ok && !answer.refused) {
            this.badSince = this.badSince || began;
        } else if (this.badSince) {
            this.longestGap = Math.max(this.longestGap, Date.now() - this.badSince);
            this.badSince = 0;
        }
        return answer;
    }

    join(concertId) {
        return this.ask('token', ...this.joining(concertId));
    }

    joining(concertId) {
        return ['POST', '/api/queues/token', { body: concertId ? { userId: this.user, concertId } : { userId: this.user } }];
    }

    status() {
        return this.ask('status', ...STATUS_OF_A_PLACE);
    }

    leave() {
        return this.ask('leave', 'DELETE', '/api/queues/token');
    }

    room(roomId) {
        return this.ask('room', 'GET', `/api/queues/rooms/${roomId}`);
    }

    concerts() {
        return this.ask('concerts', 'GET', '/api/concerts');
    }

    schedules(concertId, { etag = '' } = {}) {
        const headers = etag ? { 'If-None-Match': etag } : {};
        return this.ask('schedules', 'GET', `/api/concerts/${concertId}/schedules`, { headers });
    }

    // `etag` is that of an earlier answer. With `atLeast`, the version that an answer to a write told, it is another request to
    // whoever measures: it may wait until the gateway has seen the write.
    seats(concertId, scheduleId, { view = 'list', etag = '', atLeast = '' } = {}) {
        const headers = this.set.GZIP ? { 'Accept-Encoding': 'gzip' } : {};
        if (etag) {
            headers['If-None-Match'] = etag;
        }
        const query = `?view=${view}${atLeast ? `&atLeast=${atLeast}` : ''}`;
        const name = atLeast ? 'seats_after' : 'seats';
        return this.ask(name, 'GET', `/api/concerts/${concertId}/schedules/${scheduleId}/seats${query}`, { headers });
    }

    layout(layoutId) {
        const headers = this.set.GZIP ? { 'Accept-Encoding': 'gzip' } : {};
        return this.ask('layout', 'GET', `/api/layouts/${layoutId}`, { headers });
    }

    // `wanted` is `{ seatIds: […] }` or `{ bestAvailable: { count } }`.
    hold(concertId, scheduleId, wanted, key) {
        const headers = { 'Idempotency-Key': key };
        return this.ask('hold', 'POST', `/api/concerts/${concertId}/schedules/${scheduleId}/holds`, { body: wanted, headers });
    }

    checkout(holdId) {
        return this.ask('checkout', 'POST', `/api/holds/${holdId}/checkout`);
    }

    confirm(holdId, orderRef) {
        return this.ask('confirm', 'POST', `/api/holds/${holdId}/confirmation`, { body: { orderRef } });
    }

    release(holdId) {
        return this.ask('release', 'DELETE', `/api/holds/${holdId}`);
    }

    sale(saleId) {
        return this.ask('sale', 'GET', `/api/sales/${saleId}`);
    }

    cancel(saleId) {
        return this.ask('cancel', 'DELETE', `/api/sales/${saleId}`);
    }
}

// Many clients at once, each with its answer.
export function joinTogether(clients, concertId) {
    return together('token', clients, (client) => client.joining(concertId));
}

export function statusTogether(clients) {
    return together('status', clients, () => STATUS_OF_A_PLACE);
}

function together(name, clients, asked) {
    const requests = clients.map((client) => client.request(name, ...asked(client)));
    return http.batch(requests).map((response, at) => new Answer(name, requests[at].params.tags.name, response));
}
