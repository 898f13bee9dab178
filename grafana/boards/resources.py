"""What everything stands on: the processes, their runtime, Redis, Postgres, and the machines."""

from .board import Board, copies
from .panels import Ask, Below, Limits, lines, number
from .promql import chosen, highest, known, quantile, rate, share, summed

OURS = 'job=~"gateway|queue|catalog",instance=~"$instance"'
READING = """
From the top: what is **full**? CPU, memory, file handles, the runtime's workers, the stores, the machine.

**Poll delay** is how late a timer of the program's runtime fires. It rises when the process gets too little CPU, whatever the machine says, and slows everything that the process does.

**Redis** runs one command at a time: its CPU at one core is its end. **Postgres** is short of connections, of locks, or of disk; each has a panel. **Pressure** of the machine is the share of time in which something waited for CPU, disk or memory, and says more than how much of it is used.
"""


def build():
    board = Board(
        "onsale-resources",
        "Onsale: resources",
        "What everything stands on, and what of it is full.",
        [copies("gateway|queue|catalog")],
    )
    board.numbers(*numbers()).reading(READING, height=7)
    board.row("Processes", *processes())
    board.row("Runtime", *runtime())
    board.row("Redis", *redis())
    board.row("Postgres", *postgres())
    board.row("Machines", *machines())
    return board.build()


def numbers():
    return [
        number(
            "Machine CPU used",
            "The busiest machine. Above 80 % every delay grows; above 95 % nothing here is to be trusted, the measurements included.",
            'max(1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval])))',
            "percentunit",
            empty="no machine is scraped",
            limits=Limits(look=0.8, act=0.95),
            width=4,
        ),
        number(
            "Memory left",
            "The machine with the least memory that can still be had.",
            "min(node_memory_MemAvailable_bytes)",
            "bytes",
            empty="no machine is scraped",
            width=4,
        ),
        number(
            "Runtime busy",
            "The share of its workers' time that the busiest program is at work. Above 80 %: add a copy.",
            f"max({busy()})",
            "percentunit",
            empty="no program is scraped",
            limits=Limits(look=0.8, act=0.95),
            width=4,
        ),
        number(
            "Timers late, worst 1 %",
            "99 % of the timers of the programs' runtimes fire at most this late. Above 50 ms the processes are short of CPU.",
            known(quantile(0.99, "onsale_runtime_poll_delay_seconds", OURS)),
            "s",
            empty="no program is scraped",
            limits=Limits(look=0.05, act=0.5),
            width=4,
        ),
        number(
            "Redis",
            "1 while the exporter reaches Redis. 0: joins and claims fail; those who wait are told so from the last view.",
            "min(redis_up)",
            "none",
            empty="the exporter is not scraped",
            limits=Below(act=1),
            width=4,
            decimals=0,
        ),
        number(
            "Postgres",
            "1 while the exporter reaches Postgres. 0: nothing can be held or sold; the line goes on.",
            "min(pg_up)",
            "none",
            empty="the exporter is not scraped",
            limits=Below(act=1),
            width=4,
            decimals=0,
        ),
    ]


def busy() -> str:
    at_work = rate("onsale_runtime_busy_seconds_total", OURS, "job, instance")
    return f"{at_work} / {summed('onsale_runtime_workers', OURS, 'job, instance')}"


def processes():
    name = "{{job}} {{instance}}"
    return [
        lines(
            "CPU",
            "Cores that each process uses. A flat top is a process that has all it can get.",
            "short",
            [Ask(rate("process_cpu_seconds_total", OURS, "job, instance"), name)],
            empty="no program is scraped",
        ),
        lines(
            "Memory",
            "Resident memory of each process. It follows the line and the watched schedules; one that only climbs is a leak.",
            "bytes",
            [Ask(summed("process_resident_memory_bytes", OURS, "job, instance"), name)],
            empty="no program is scraped",
        ),
        lines(
            "File handles used",
            "The share of the file handles that a process may have. Connections take them; at 100 % no further visitor gets in.",
            "percentunit",
            [Ask(f"{chosen('process_open_fds', OURS)} / {chosen('process_max_fds', OURS)}", name)],
            empty="no program is scraped",
            limits=Limits(look=0.7, act=0.9),
        ),
        lines(
            "Threads",
            "Threads of each process. They stay as they are; a climb is blocking work that piles up.",
            "short",
            [Ask(summed("process_threads", OURS, "job, instance"), name)],
            empty="no program is scraped",
            width=12,
            height=6,
        ),
        lines(
            "Time since the start",
            "How long each process has been running. A line that falls to 0 is a restart that nobody may have noticed.",
            "s",
            [Ask(f"time() - {chosen('process_start_time_seconds', OURS)}", name)],
            empty="no program is scraped",
            width=12,
            height=6,
        ),
    ]


def runtime():
    name = "{{job}} {{instance}}"
    return [
        lines(
            "Workers busy",
            "The share of the time of its worker threads that each program is at work.",
            "percentunit",
            [Ask(busy(), name)],
            empty="no program is scraped",
            limits=Limits(look=0.8, act=0.95),
            width=6,
        ),
        lines(
            "Poll delay",
            "How late timers fire, the latest 1 %, by program. It is time that every request of the program waits for nothing.",
            "s",
            [Ask(quantile(0.99, "onsale_runtime_poll_delay_seconds", OURS, "job"), "{{job}}")],
            empty="no program is scraped",
            limits=Limits(look=0.05, act=0.5),
            width=6,
        ),
        lines(
            "Tasks",
            "Tasks alive in each program: about one a connection and one a request. One that only climbs is a leak.",
            "short",
            [Ask(summed("onsale_runtime_tasks", OURS, "job, instance"), name)],
            empty="no program is scraped",
            width=6,
        ),
        lines(
            "Tasks that wait for a worker",
            "Tasks in the queue that all workers share. Above 0 for long: too few workers, or one of them is blocked.",
            "short",
            [Ask(summed("onsale_runtime_queue_depth", OURS, "job, instance"), name)],
            empty="no program is scraped",
            width=6,
        ),
    ]


def redis():
    return [
        lines(
            "Commands",
            "Commands that Redis runs per second, the commonest ones by name. Waiting visitors cost none (I8): it follows joins, claims and ticks.",
            "ops",
            [Ask("topk(8, sum by (cmd) (rate(redis_commands_total[$__rate_interval])))", "{{cmd}}")],
            empty="the exporter is not scraped",
        ),
        lines(
            "Redis' CPU",
            "Cores that Redis uses. It runs commands on one: near 1 is its end.",
            "short",
            [
                Ask(
                    "sum(rate(redis_cpu_user_seconds_total[$__rate_interval]) + rate(redis_cpu_sys_seconds_total[$__rate_interval]))",
                    "Redis",
                ),
            ],
            empty="the exporter is not scraped",
            limits=Limits(look=0.7, act=0.9),
        ),
        lines(
            "Redis' memory",
            "Memory that the data takes, against the limit where there is one. About 32 bytes a waiting visitor.",
            "bytes",
            [Ask("sum(redis_memory_used_bytes)", "used"), Ask("sum(redis_memory_max_bytes)", "limit (0: none)")],
            empty="the exporter is not scraped",
        ),
        lines(
            "Clients",
            "Connections to Redis: those of the queue's copies, and few more. Rejected ones above 0: its limit of clients is reached.",
            "short",
            [
                Ask("sum(redis_connected_clients)", "connected"),
                Ask("sum(redis_blocked_clients)", "blocked"),
                Ask("sum(rate(redis_rejected_connections_total[$__rate_interval]))", "rejected per second"),
            ],
            empty="the exporter is not scraped",
        ),
        lines(
            "Keys lost",
            "Keys that Redis threw away for want of memory, per second. Must be 0: each is a place in line that somebody had.",
            "suffix: /s",
            [Ask("sum(rate(redis_evicted_keys_total[$__rate_interval]))", "evicted")],
            empty="the exporter is not scraped",
            limits=Limits(act=0.001),
        ),
        lines(
            "Writes to disk",
            "Whether the last write of the append-only file succeeded (1), and flushes that were delayed, per second. With appendfsync always a delayed flush is a join that waits for the disk.",
            "short",
            [
                Ask("min(redis_aof_last_write_status)", "last write succeeded"),
                Ask("sum(rate(redis_aof_delayed_fsync[$__rate_interval]))", "delayed flushes per second"),
            ],
            empty="the exporter is not scraped",
        ),
    ]


def postgres():
    own = 'datname!~"template.*|"'
    hits, misses = (f"sum(rate(pg_stat_database_blks_{name}[$__rate_interval]))" for name in ("hit", "read"))
    return [
        lines(
            "Transactions",
            "Transactions that ended per second. Rollbacks are refusals after a lock was taken, and cost as much as commits.",
            "suffix: /s",
            [
                Ask(rate("pg_stat_database_xact_commit", own), "committed"),
                Ask(rate("pg_stat_database_xact_rollback", own), "rolled back"),
            ],
            empty="the exporter is not scraped",
            width=6,
        ),
        lines(
            "Sessions by state",
            "Connections to Postgres by what they do. idle in transaction for long holds locks: nothing else is awaited inside a transaction here, so it is somebody else's session.",
            "short",
            [
                Ask(summed("pg_stat_activity_count", own, "state"), "{{state}}"),
                Ask(highest("pg_settings_max_connections"), "most"),
            ],
            empty="the exporter is not scraped",
            width=6,
        ),
        lines(
            "Locks",
            "Locks that are held, by mode. exclusivelock and accessexclusivelock in numbers: somebody changes the schema during the sale.",
            "short",
            [Ask(summed("pg_locks_count", own, "mode"), "{{mode}}")],
            empty="the exporter is not scraped",
            width=6,
        ),
        lines(
            "Deadlocks, and the longest transaction",
            "Deadlocks per second, which are a bug: all locks are taken in one order. And for how long the longest transaction runs, in seconds; beyond a few seconds it holds seats up.",
            "short",
            [
                Ask(rate("pg_stat_database_deadlocks", own), "deadlocks per second"),
                Ask(highest("pg_stat_activity_max_tx_duration", own), "longest transaction, s"),
            ],
            empty="the exporter is not scraped",
            width=6,
        ),
        lines(
            "Read from memory",
            "The share of blocks that Postgres found in its memory. Below 99 % the seats of the sale do not fit.",
            "percentunit",
            [Ask(share(hits, f"({hits} + {misses})"), "from memory")],
            empty="the exporter is not scraped",
            most=1,
        ),
        lines(
            "Size of the database",
            "It grows with holds and events until their retention is over.",
            "bytes",
            [Ask(highest("pg_database_size_bytes", own, "datname"), "{{datname}}")],
            empty="the exporter is not scraped",
        ),
        lines(
            "Rows written",
            "Rows inserted, updated and deleted per second. A hold is some ten of them.",
            "suffix: /s",
            [Ask(rate(f"pg_stat_database_tup_{name}", own), name) for name in ("inserted", "updated", "deleted")],
            empty="the exporter is not scraped",
        ),
    ]


def machines():
    return [
        lines(
            "CPU by what it does",
            "Cores of all machines by what they do. steal: another tenant has them. iowait: the disk is slow.",
            "short",
            [Ask('sum by (mode) (rate(node_cpu_seconds_total{mode!="idle"}[$__rate_interval]))', "{{mode}}")],
            empty="no machine is scraped",
            stacked=True,
            width=6,
        ),
        lines(
            "Pressure",
            "The share of time in which something waited for CPU, disk or memory. Above 20 % it is what makes things slow.",
            "percentunit",
            [
                Ask(f"max(rate(node_pressure_{what}_waiting_seconds_total[$__rate_interval]))", name)
                for what, name in (("cpu", "CPU"), ("io", "disk"), ("memory", "memory"))
            ],
            empty="no machine is scraped",
            limits=Limits(look=0.2, act=0.6),
            width=6,
        ),
        lines(
            "Memory that can be had",
            "The share of each machine's memory that is available. Below 10 % the kernel begins to end processes.",
            "percentunit",
            [Ask("node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes", "{{instance}}")],
            empty="no machine is scraped",
            most=1,
            width=6,
        ),
        lines(
            "Disks busy",
            "The share of time in which each disk was at work. Redis and Postgres flush to it before they answer.",
            "percentunit",
            [
                Ask(
                    "max by (instance, device) (rate(node_disk_io_time_seconds_total[$__rate_interval]))",
                    "{{instance}} {{device}}",
                )
            ],
            empty="no machine is scraped",
            limits=Limits(look=0.7, act=0.95),
            width=6,
        ),
        lines(
            "Network",
            "Bytes per second over the machines' interfaces, loopback left out.",
            "Bps",
            [
                Ask(f'sum(rate(node_network_{way}_bytes_total{{device!="lo"}}[$__rate_interval]))', name)
                for way, name in (("receive", "in"), ("transmit", "out"))
            ],
            empty="no machine is scraped",
        ),
        lines(
            "Connections that were dropped",
            "Connections per second that a listening socket had no room for. Above 0 visitors see timeouts that no program knows of: raise the backlog, or add a copy.",
            "suffix: /s",
            [
                Ask("sum(rate(node_netstat_TcpExt_ListenDrops[$__rate_interval]))", "dropped"),
                Ask("sum(rate(node_netstat_Tcp_RetransSegs[$__rate_interval]))", "segments sent again"),
            ],
            empty="no machine is scraped",
        ),
        lines(
            "Disk space left",
            "Bytes left on the fullest file systems. Redis' append-only file and Postgres' log grow during a sale; at 0 both stop.",
            "bytes",
            [
                Ask(
                    'min by (instance, mountpoint) (node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs"})',
                    "{{instance}} {{mountpoint}}",
                )
            ],
            empty="no machine is scraped",
        ),
    ]
