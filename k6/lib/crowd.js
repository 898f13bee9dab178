// A crowd that stands in line and polls. Each virtual user is some of it: it joins for them the first time, and remembers
// them. Those joins are no part of what is measured.
import exec from 'k6/execution';

import { Client, joinTogether } from './api.js';
import { standing } from './checks.js';
import { joined, polled } from './metrics.js';

let members = [];
let turn = 0;

// The next of this virtual user's part, in turn; nobody where the line did not take them.
export function next(set, run, users) {
    if (members.length === 0) {
        members = joins(set, run, partOf(set.CROWD, users));
    }
    turn += 1;
    return members[turn % members.length];
}

// Parts that add up to the crowd. One at least: whoever polls has to be somebody.
function partOf(crowd, users) {
    const at = exec.vu.idInTest % users;
    return Math.max(1, Math.floor(((at + 1) * crowd) / users) - Math.floor((at * crowd) / users));
}

function joins(set, run, count) {
    const some = Array.from({ length: count }, (_, at) => newcomer(set, run, at));
    const answers = joinTogether(some, run.concertId);
    // An outage turns nobody away like that: the line takes no such visitors, and with fewer nothing is measured.
    const wrong = answers.find(({ status }) => status >= 400 && status < 500);
    if (wrong) {
        exec.test.abort(`the line does not take the crowd: ${wrong.status} ${wrong.response.body}`);
    }
    some.forEach((client, at) => {
        client.token = answers[at].body.token || '';
        client.isPreparing = false;
    });
    const there = some.filter(({ token }) => token !== '');
    joined.add(there.length);
    return there;
}

function newcomer(set, run, at) {
    const vu = exec.vu.idInTest;
    const client = new Client(set, `${run.id}-crowd-${vu}-${at}`, vu + at);
    client.isPreparing = true;
    return client;
}

// One poll, and what it says.
export function polls(client) {
    const answer = client.status();
    if (answer.ok) {
        polled.add(answer.isMeasured ? 1 : 0);
        standing(client, answer);
    }
    return answer;
}
