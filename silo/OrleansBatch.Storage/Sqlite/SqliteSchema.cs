using System.Globalization;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The tables, and how an older file becomes a newer one.</summary>
/// <remarks>
/// A migration, once released, is never changed: a change is a new one at the end. The file's <c>user_version</c> is the
/// number of migrations done, its <c>application_id</c> says that the file is ours.
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>"OrBa" as a number.</summary>
    private const long ApplicationId = 0x4F724261;

    /// <remarks>
    /// The request lies apart in <c>job_specs</c>: an update rewrites its whole row, and a job's row is updated three times.
    /// <c>open_queue</c>, <c>rank</c>, <c>environment</c> and <c>node</c> are null outside the statuses that they serve, and each
    /// is named in an update only when it changes: so a move touches the indexes that it concerns and no others.
    /// A row of <c>commit_mark</c> is written with every transaction: it tells whether a commit without a reply was done.
    /// </remarks>
    private const string First =
        """
        CREATE TABLE commit_mark (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            mark INTEGER NOT NULL
        );
        INSERT INTO commit_mark (id, mark) VALUES (1, 0);

        CREATE TABLE queues (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE
        );

        CREATE TABLE jobs (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            version INTEGER NOT NULL,
            status INTEGER NOT NULL,
            queue INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            open_queue INTEGER,
            rank INTEGER,
            has_reason INTEGER NOT NULL,
            vcpu_millis INTEGER NOT NULL,
            memory_mib INTEGER NOT NULL,
            gpus INTEGER NOT NULL,
            definition_revision INTEGER NOT NULL,
            job_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            name_folded TEXT NOT NULL,
            definition_name TEXT NOT NULL,
            environment TEXT,
            node TEXT,
            state TEXT NOT NULL
        );
        CREATE INDEX jobs_by_status ON jobs (queue, status, created_at);
        CREATE INDEX jobs_by_created ON jobs (queue, created_at);
        CREATE INDEX jobs_by_name ON jobs (queue, name_folded, created_at DESC, sequence DESC);
        CREATE INDEX jobs_by_definition ON jobs (queue, definition_name, created_at);
        CREATE INDEX jobs_by_revision ON jobs (queue, definition_name, definition_revision, created_at);
        CREATE INDEX jobs_open ON jobs (open_queue) WHERE open_queue IS NOT NULL;
        CREATE INDEX jobs_runnable ON jobs (queue, rank) WHERE rank IS NOT NULL;
        CREATE INDEX jobs_by_environment ON jobs (environment) WHERE environment IS NOT NULL;
        CREATE INDEX jobs_by_node ON jobs (node) WHERE node IS NOT NULL;

        CREATE TABLE job_specs (
            sequence INTEGER PRIMARY KEY,
            spec TEXT NOT NULL
        );

        CREATE TABLE invocations (
            id INTEGER PRIMARY KEY,
            hash INTEGER NOT NULL,
            at INTEGER NOT NULL,
            key TEXT NOT NULL,
            answer TEXT NOT NULL
        );
        CREATE INDEX invocations_by_hash ON invocations (hash);
        CREATE INDEX invocations_by_time ON invocations (at);

        CREATE TABLE epochs (
            key TEXT PRIMARY KEY,
            epoch INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE job_definitions (
            id INTEGER PRIMARY KEY,
            scope TEXT NOT NULL,
            name TEXT NOT NULL,
            revision INTEGER NOT NULL,
            is_active INTEGER NOT NULL,
            deactivated_at INTEGER,
            definition TEXT NOT NULL
        );
        CREATE UNIQUE INDEX job_definitions_by_name ON job_definitions (scope, name, revision DESC);
        CREATE INDEX job_definitions_by_activity ON job_definitions (scope, is_active, name, revision DESC);

        CREATE TABLE grain_states (
            grain TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            state BLOB NOT NULL,
            PRIMARY KEY (grain, name)
        );
        """;

    /// <remarks>The answers to calls are found by an index in memory: see <see cref="InvocationRows"/>.</remarks>
    private const string InvocationsWithoutIndexes =
        """
        DROP INDEX invocations_by_hash;
        DROP INDEX invocations_by_time;
        ALTER TABLE invocations DROP COLUMN hash;
        """;

    /// <remarks>Null: the tags are those that were registered.</remarks>
    private const string TagsOfDefinitions = "ALTER TABLE job_definitions ADD COLUMN tags TEXT;";

    /// <remarks>
    /// A row for each attempt that ran and is over, at the ends of both trees: their times grow, and so do names within one prefix.
    /// The attempts of earlier programs are taken from the rows of their jobs.
    /// </remarks>
    private const string LogStreams =
        """
        CREATE TABLE log_groups (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE,
            created_at INTEGER NOT NULL
        );
        CREATE TABLE log_streams (
            log_group INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (log_group, ended_at, name)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX log_streams_by_name ON log_streams (log_group, name);

        CREATE TEMP TABLE earlier AS
        SELECT
            substr(q.key, 1, instr(q.key, '/') + instr(substr(q.key, instr(q.key, '/') + 1), '/'))
                || coalesce(
                    CASE json_extract(s.spec, '$.container.logConfiguration.logDriver')
                        WHEN 'awslogs' THEN nullif(json_extract(s.spec, '$.container.logConfiguration.options.awslogs-group'), '') END,
                    '/aws/batch/job') AS key,
            json_extract(a.value, '$.logStream') AS name,
            json_extract(a.value, '$.startedAt') AS created_at,
            json_extract(a.value, '$.stoppedAt') AS ended_at
        FROM jobs j
        JOIN queues q ON q.id = j.queue
        JOIN job_specs s ON s.sequence = j.sequence
        JOIN json_each(j.state, '$.attempts') a
        WHERE json_extract(a.value, '$.logStream') IS NOT NULL AND json_extract(a.value, '$.startedAt') IS NOT NULL;
        INSERT INTO log_groups (key, created_at) SELECT key, min(created_at) FROM earlier GROUP BY key;
        INSERT OR IGNORE INTO log_streams (log_group, ended_at, name, created_at)
        SELECT g.id, e.ended_at, e.name, e.created_at FROM earlier e JOIN log_groups g ON g.key = e.key;
        DROP TABLE earlier;
        """;

    /// <remarks>
    /// A child's key is its parent's sequence times <see cref="ChildKey.PerParent"/> plus its index: one number, in the order of both. It has a
    /// row from the first time that it is other than its parent's row says. The counts of an array move in the transactions of its children.
    /// <c>waits</c> says whom to tell when a job ends (child -1: as a whole, -2: each child, -3: a child of the same array), <c>owed_looks</c> who was
    /// not seen to look yet (child -1: the whole job): a row moves from one to the other in the transaction of whichever comes later.
    /// It gets another stamp each time that the look becomes due: one that is taken takes only what it has seen.
    /// </remarks>
    private const string ArraysAndDependencies =
        """
        CREATE TABLE arrays (
            sequence INTEGER PRIMARY KEY,
            size INTEGER NOT NULL,
            written INTEGER NOT NULL,
            unwritten INTEGER NOT NULL,
            submitted INTEGER NOT NULL,
            pending INTEGER NOT NULL,
            runnable INTEGER NOT NULL,
            starting INTEGER NOT NULL,
            running INTEGER NOT NULL,
            succeeded INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            first_started_at INTEGER,
            last_stopped_at INTEGER,
            is_owed INTEGER
        );
        CREATE INDEX arrays_owed ON arrays (is_owed) WHERE is_owed IS NOT NULL;

        CREATE TABLE array_children (
            key INTEGER PRIMARY KEY,
            parent INTEGER NOT NULL,
            version INTEGER NOT NULL,
            status INTEGER NOT NULL,
            queue INTEGER NOT NULL,
            rank INTEGER,
            has_reason INTEGER NOT NULL,
            environment TEXT,
            node TEXT,
            state TEXT NOT NULL
        );
        CREATE INDEX array_children_by_status ON array_children (parent, status);
        CREATE INDEX array_children_runnable ON array_children (queue, rank) WHERE rank IS NOT NULL;
        CREATE INDEX array_children_by_environment ON array_children (environment) WHERE environment IS NOT NULL;
        CREATE INDEX array_children_by_node ON array_children (node) WHERE node IS NOT NULL;

        CREATE TABLE waits (
            job INTEGER NOT NULL,
            child INTEGER NOT NULL,
            dependent INTEGER NOT NULL,
            PRIMARY KEY (job, child, dependent)
        ) WITHOUT ROWID;
        CREATE TABLE owed_looks (
            dependent INTEGER NOT NULL,
            child INTEGER NOT NULL,
            stamp INTEGER NOT NULL,
            PRIMARY KEY (dependent, child)
        ) WITHOUT ROWID;
        """;

    /// <remarks>
    /// A row of <c>share_use</c> for each attempt of a job with a share that is over, at the end of its queue's: a queue reads back as far as
    /// its policy counts. Jobs without a share have nulls, and are in neither index.
    /// </remarks>
    private const string Shares =
        """
        ALTER TABLE jobs ADD COLUMN share TEXT;
        ALTER TABLE jobs ADD COLUMN priority INTEGER;
        CREATE INDEX jobs_by_share ON jobs (queue, share, created_at) WHERE share IS NOT NULL;
        CREATE INDEX jobs_by_share_status ON jobs (queue, share, status, created_at) WHERE share IS NOT NULL;
        CREATE INDEX jobs_pending_shares ON jobs (open_queue, status) WHERE share IS NOT NULL AND open_queue IS NOT NULL;

        CREATE TABLE share_use (
            id INTEGER PRIMARY KEY,
            queue INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            started_at INTEGER NOT NULL,
            vcpu_millis INTEGER NOT NULL,
            share TEXT NOT NULL
        );
        CREATE INDEX share_use_by_end ON share_use (queue, ended_at);
        """;

    /// <remarks>
    /// <c>consumable_taken</c> says how much of a resource is gone: held by attempts or, of what is not given back, ever. Each attempt's part of it is
    /// a row of <c>consumable_claims</c> (child -1: a single job) until the attempt is over. <c>consumable_needs</c> has a row for each resource that a
    /// job or an array names, open until it has ended. A job that names none has nothing in any of them, and null in its row.
    /// </remarks>
    private const string Consumables =
        """
        ALTER TABLE jobs ADD COLUMN needs_consumables INTEGER;

        CREATE TABLE consumable_taken (
            key TEXT PRIMARY KEY,
            quantity INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE consumable_claims (
            job INTEGER NOT NULL,
            child INTEGER NOT NULL,
            key TEXT NOT NULL,
            quantity INTEGER NOT NULL,
            is_replenishable INTEGER NOT NULL,
            PRIMARY KEY (job, child, key)
        ) WITHOUT ROWID;
        CREATE TABLE consumable_needs (
            job INTEGER NOT NULL,
            resource TEXT NOT NULL,
            quantity INTEGER NOT NULL,
            is_open INTEGER,
            PRIMARY KEY (job, resource)
        ) WITHOUT ROWID;
        CREATE INDEX consumable_needs_by_resource ON consumable_needs (resource, job);
        CREATE INDEX consumable_needs_open ON consumable_needs (resource) WHERE is_open IS NOT NULL;
        """;

    /// <remarks>
    /// <c>job_events</c> only grows at its end, and has no index: its key is the order of all events, and each row names the one <c>previous</c> to it of
    /// the same job, whose row names the last. <c>child</c> is null of a job itself, -1 of what all children of an array have together that have no row,
    /// otherwise a child's index. <c>shared_event</c> is the last such that a child had before it got its row: its own follow. The newest
    /// key stands with the mark of each commit, so that it is never given twice.
    /// </remarks>
    private const string Events =
        """
        CREATE TABLE job_events (
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL,
            child INTEGER,
            number INTEGER NOT NULL,
            previous INTEGER NOT NULL,
            at INTEGER NOT NULL,
            what INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            reason TEXT
        );
        ALTER TABLE commit_mark ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jobs ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE arrays ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE array_children ADD COLUMN last_event INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE array_children ADD COLUMN shared_event INTEGER NOT NULL DEFAULT 0;
        """;

    /// <remarks>What is stored of deliveries has the id of the webhook, not its name: a next one of the same name does not find it.</remarks>
    private const string Webhooks =
        """
        CREATE TABLE webhooks (
            key TEXT PRIMARY KEY
        ) WITHOUT ROWID;
        CREATE TABLE webhook_cursors (
            id TEXT PRIMARY KEY,
            event INTEGER NOT NULL,
            child INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE webhook_dead_letters (
            id TEXT NOT NULL,
            event INTEGER NOT NULL,
            child INTEGER NOT NULL,
            at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            reason TEXT NOT NULL,
            PRIMARY KEY (id, event, child)
        ) WITHOUT ROWID;
        """;

    /// <remarks>The modelled hosts of environments. Few rows are written, each twice or a little oftener: all but what is searched is in one column.</remarks>
    private const string Hosts =
        """
        CREATE TABLE hosts (
            host_id TEXT PRIMARY KEY,
            environment TEXT NOT NULL,
            launched_at INTEGER NOT NULL,
            ended_at INTEGER,
            cost_nano_usd INTEGER,
            host TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX hosts_live ON hosts (environment, launched_at, host_id) WHERE ended_at IS NULL;
        CREATE INDEX hosts_ended ON hosts (environment, launched_at, host_id) WHERE ended_at IS NOT NULL;
        """;

    /// <remarks>
    /// The nodes of a multi-node job are rows of <c>array_children</c>, all written with its first placement, and its row of <c>arrays</c> says what the host of
    /// each must have. Of an array these are null.
    /// </remarks>
    private const string MultiNode =
        """
        ALTER TABLE arrays ADD COLUMN node_vcpu_millis INTEGER;
        ALTER TABLE arrays ADD COLUMN node_memory_mib INTEGER;
        ALTER TABLE arrays ADD COLUMN node_gpus INTEGER;
        ALTER TABLE arrays ADD COLUMN instance_type TEXT;
        """;

    /// <remarks>What hosts that have ended have cost together, moved as they end: on Fargate there is one for each attempt.</remarks>
    private const string HostCosts =
        """
        CREATE TABLE host_costs (
            environment TEXT PRIMARY KEY,
            nano_usd INTEGER NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO host_costs SELECT environment, sum(cost_nano_usd) FROM hosts WHERE ended_at IS NOT NULL GROUP BY environment;
        """;

    /// <remarks>A node's row is written with each renewal of its lease: what changes seldom lies in the JSON, too, for a row is small.</remarks>
    private const string Nodes =
        """
        CREATE TABLE nodes (
            node_id TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            is_live INTEGER NOT NULL,
            node TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX nodes_live ON nodes (node_id) WHERE is_live = 1;
        """;

    /// <remarks>
    /// What agents on other machines have shipped of their logs. <c>log</c> is a hash of the log's name, <c>day</c> the day on which something of it came last. The data lies in a tree of its
    /// own, not in that of the keys.
    /// </remarks>
    private const string ShippedLogs =
        """
        CREATE TABLE shipped_logs (
            log BLOB PRIMARY KEY,
            log_end INTEGER NOT NULL,
            is_closed INTEGER NOT NULL,
            day INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX shipped_logs_by_day ON shipped_logs (day);
        CREATE TABLE log_chunks (
            log BLOB NOT NULL,
            chunk_begin INTEGER NOT NULL,
            chunk_end INTEGER NOT NULL,
            time INTEGER NOT NULL,
            data BLOB NOT NULL,
            PRIMARY KEY (log, chunk_begin)
        );
        """;

    /// <summary>In their order.</summary>
    public static readonly IReadOnlyList<string> Migrations =
        [First, InvocationsWithoutIndexes, TagsOfDefinitions, LogStreams, ArraysAndDependencies, Shares, Consumables, Events, Webhooks, Hosts, MultiNode, HostCosts, Nodes, ShippedLogs];

    /// <summary>Brings the file to the newest schema; safe when several programs do so at once.</summary>
    /// <exception cref="JobStoreException">The file belongs to a newer program, or is something else's.</exception>
    public static void Migrate(SqliteSession session, string path)
    {
        session.Execute("BEGIN IMMEDIATE;");
        try
        {
            Migrate(session, path, Migrations);
            session.Execute("COMMIT;");
        }
        catch
        {
            if (session.IsInTransaction)
            {
                session.Execute("ROLLBACK;");
            }

            throw;
        }
    }

    private static void Migrate(SqliteSession session, string path, IReadOnlyList<string> migrations)
    {
        var done = session.ExecuteNumber("PRAGMA user_version;");
        var application = session.ExecuteNumber("PRAGMA application_id;");
        var isNew = session.ExecuteNumber("SELECT count(*) FROM sqlite_schema;") == 0;
        if (application != ApplicationId && !isNew)
        {
            throw new JobStoreException($"The database '{path}' belongs to another program. Choose another folder.");
        }

        if (done > migrations.Count)
        {
            throw new JobStoreException(
                $"The database '{path}' has schema {done}, this program knows schemas up to {migrations.Count}: it was written by a newer program. Use that one.");
        }

        for (var next = (int)done; next < migrations.Count; next++)
        {
            session.Execute(migrations[next]);
        }

        session.Execute(string.Create(
            CultureInfo.InvariantCulture, $"PRAGMA user_version = {migrations.Count}; PRAGMA application_id = {ApplicationId};"));
    }
}
