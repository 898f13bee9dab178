// What a run tells at its end: everything to `${RESULTS}/summary.json`, and one page to the terminal that looks the same in
// each version of k6.

export function handleSummary(data) {
    const told = { stdout: `${page(data)}\n` };
    if (__ENV.RESULTS) {
        // As it is, without the tokens that `setup` made.
        const { setup_data: _, ...rest } = data;
        told[`${__ENV.RESULTS}/summary.json`] = JSON.stringify(rest);
    }
    return told;
}

const value = (data, metric, key) => ((data.metrics[metric] || {}).values || {})[key];

function page(data) {
    return ['', ...offeredAndDone(data), '', ...durations(data), '', ...counts(data), '', ...verdicts(data)].join('\n');
}

// `a{x:1,y:2}` of a metric, as [part, key] pairs.
function partsOf(data, metric) {
    return Object.keys(data.metrics)
        .filter((key) => key.startsWith(`${metric}{`))
        .map((key) => [key.slice(metric.length + 1, -1), key]);
}

function offeredAndDone(data) {
    const lines = partsOf(data, 'iterations')
        .filter(([part]) => part.startsWith('scenario:'))
        .map(([part, key]) => {
            const dropped = value(data, `dropped_iterations{${part}}`, 'count') || 0;
            const [p50, most] = ['p(50)', 'max'].map((of) => ms(value(data, `iteration_duration{${part}}`, of)));
            return `  ${part.slice(9).padEnd(18)} ${value(data, key, 'count')} iterations done, ${dropped} dropped; p50 ${p50}, longest ${most}`;
        });
    // k6 looks once a second how many are at work; a run that is shorter has none.
    const [users, made] = [value(data, 'vus', 'max') || 0, value(data, 'vus_max', 'max') || 0];
    return [`  ${Math.round(data.state.testRunDurationMs / 1000)} s, ${users} of ${made} virtual users at most`, ...lines];
}

function durations(data) {
    const columns = ['count', 'p(50)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'];
    const head = `  ${'request'.padEnd(18)}${columns.map((name) => name.padStart(10)).join('')}   errors`;
    const rows = partsOf(data, 'http_req_duration')
        .filter(([part, key]) => part.startsWith('name:') && value(data, key, 'count') > 0)
        .sort()
        .map(([part, key]) => {
            const cells = columns.map((name) => (name === 'count' ? String(value(data, key, name)) : ms(value(data, key, name))).padStart(10));
            const share = value(data, `onsale_errors{${part}}`, 'rate');
            return `  ${part.replace('name:', '').replace(',status:', ' ').padEnd(18)}${cells.join('')}   ${share === undefined ? '' : `${(100 * share).toFixed(2)} %`}`;
        });
    return [head, ...rows];
}

function counts(data) {
    const told = Object.keys(data.metrics).filter((key) => key.startsWith('onsale_') && data.metrics[key].type === 'counter');
    const lines = told
        .filter((key) => value(data, key, 'count') > 0 && !key.startsWith('onsale_won{'))
        .sort()
        .map((key) => `  ${key.padEnd(44)} ${value(data, key, 'count')}`);
    for (const key of ['onsale_seats_age', 'onsale_wait', 'onsale_gap']) {
        const { values } = data.metrics[key] || {};
        if (values && values.count > 0) {
            lines.push(`  ${key.padEnd(44)} p50 ${values['p(50)'].toFixed(0)}, p99 ${values['p(99)'].toFixed(0)}, max ${values.max.toFixed(0)}`);
        }
    }
    return lines;
}

function verdicts(data) {
    const missed = [];
    for (const [key, metric] of Object.entries(data.metrics)) {
        for (const [threshold, { ok }] of Object.entries(metric.thresholds || {})) {
            if (!ok) {
                missed.push(`  missed  ${key}: ${threshold}`);
            }
        }
    }
    return missed.length === 0 ? ['  every threshold is kept'] : missed.sort();
}

function ms(time) {
    if (time === undefined) {
        return '–';
    }
    return time < 10000 ? `${time.toFixed(time < 100 ? 1 : 0)} ms` : `${(time / 1000).toFixed(1)} s`;
}
