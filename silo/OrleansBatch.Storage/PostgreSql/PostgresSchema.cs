namespace OrleansBatch.Storage.PostgreSql;

/// <summary>The tables in PostgreSQL, and how an older database becomes a newer one.</summary>
/// <remarks>
/// A migration, once released, is never changed: a change is a new one at the end. Texts are compared byte by byte (<c>COLLATE "C"</c>): the order of
/// a listing must not depend on a server's locale.
/// </remarks>
internal static class PostgresSchema
{
    /// <remarks>
    /// What changes of a job lies apart from what does not: PostgreSQL writes a new row with each change, and a new entry in each index of its table as
    /// soon as one indexed column is another. So <c>jobs</c> is written once, with the indexes of its listings, and <c>job_states</c> with each move.
    /// <c>open_queue</c>, <c>rank</c>, <c>environment</c> and <c>node</c> are null outside the statuses that they serve.
    /// The one row of <c>counters</c> is locked by each transaction that writes jobs: so transactions follow each other, and the order of events is the
    /// order of commits. <c>jobs.parts</c> is an array's size or a multi-node job's nodes.
    /// Each writer's last transaction has its mark in <c>commit_marks</c>: it tells whether a commit without a reply was done.
    /// Times are milliseconds since 1970. States and requests are JSON, and like all text that users may write freely they are bytes: a PostgreSQL text cannot hold U+0000.
    /// </remarks>
    private const string First =
        """
        CREATE TABLE counters (
            id smallint PRIMARY KEY CHECK (id = 1),
            last_sequence bigint NOT NULL,
            last_event bigint NOT NULL
        ) WITH (fillfactor = 10);
        INSERT INTO counters (id, last_sequence, last_event) VALUES (1, 0, 0);

        CREATE TABLE commit_marks (
            writer uuid PRIMARY KEY,
            mark bigint NOT NULL
        ) WITH (fillfactor = 10);

        CREATE TABLE queues (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            key text COLLATE "C" NOT NULL UNIQUE
        );

        CREATE TABLE jobs (
            sequence bigint PRIMARY KEY,
            queue integer NOT NULL,
            created_at bigint NOT NULL,
            vcpu_millis bigint NOT NULL,
            memory_mib bigint NOT NULL,
            gpus integer NOT NULL,
            definition_revision integer NOT NULL,
            priority integer,
            parts integer,
            is_gang boolean NOT NULL,
            needs_consumables boolean NOT NULL,
            job_id text COLLATE "C" NOT NULL UNIQUE,
            name text COLLATE "C" NOT NULL,
            name_folded text COLLATE "C" NOT NULL,
            definition_name text COLLATE "C" NOT NULL,
            share text COLLATE "C",
            spec bytea NOT NULL
        );
        CREATE INDEX jobs_by_created ON jobs (queue, created_at, sequence);
        CREATE INDEX jobs_by_name ON jobs (queue, name_folded, created_at DESC, sequence DESC);
        CREATE INDEX jobs_by_revision ON jobs (queue, definition_name, definition_revision, created_at, sequence);
        CREATE INDEX jobs_by_definition ON jobs (queue, definition_name, created_at, sequence);
        CREATE INDEX jobs_by_share ON jobs (queue, share, created_at, sequence) WHERE share IS NOT NULL;

        CREATE TABLE job_states (
            sequence bigint PRIMARY KEY,
            version bigint NOT NULL,
            queue integer NOT NULL,
            created_at bigint NOT NULL,
            status smallint NOT NULL,
            rank smallint,
            has_reason boolean NOT NULL,
            open_queue integer,
            last_event bigint NOT NULL,
            last_number integer NOT NULL,
            environment text COLLATE "C",
            node text COLLATE "C",
            share text COLLATE "C",
            state bytea NOT NULL
        ) WITH (fillfactor = 70);
        CREATE INDEX job_states_by_status ON job_states (queue, status, created_at, sequence);
        CREATE INDEX job_states_by_share ON job_states (queue, share, status, created_at, sequence) WHERE share IS NOT NULL;
        CREATE INDEX job_states_pending_shares ON job_states (open_queue, status) WHERE share IS NOT NULL AND open_queue IS NOT NULL;
        CREATE INDEX job_states_open ON job_states (open_queue, sequence) WHERE open_queue IS NOT NULL;
        CREATE INDEX job_states_runnable ON job_states (queue, rank, sequence) WHERE rank IS NOT NULL;
        CREATE INDEX job_states_by_environment ON job_states (environment) WHERE environment IS NOT NULL;
        CREATE INDEX job_states_by_node ON job_states (node) WHERE node IS NOT NULL;

        CREATE TABLE invocations (
            key text COLLATE "C" PRIMARY KEY,
            at bigint NOT NULL,
            answer text NOT NULL
        );
        CREATE INDEX invocations_by_time ON invocations (at);

        CREATE TABLE epochs (
            key text COLLATE "C" PRIMARY KEY,
            epoch bigint NOT NULL
        );

        CREATE TABLE job_definitions (
            scope text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            revision integer NOT NULL,
            is_active boolean NOT NULL,
            deactivated_at bigint,
            definition bytea NOT NULL,
            tags bytea
        );
        CREATE UNIQUE INDEX job_definitions_by_name ON job_definitions (scope, name, revision DESC);
        ALTER TABLE job_definitions REPLICA IDENTITY USING INDEX job_definitions_by_name;
        CREATE INDEX job_definitions_by_activity ON job_definitions (scope, is_active, name, revision DESC);

        CREATE TABLE log_groups (
            id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            key text COLLATE "C" NOT NULL UNIQUE,
            created_at bigint NOT NULL
        );
        CREATE TABLE log_streams (
            log_group integer NOT NULL,
            ended_at bigint NOT NULL,
            created_at bigint NOT NULL,
            name text COLLATE "C" NOT NULL,
            PRIMARY KEY (log_group, name)
        );
        CREATE INDEX log_streams_by_end ON log_streams (log_group, ended_at, name);

        CREATE TABLE arrays (
            sequence bigint PRIMARY KEY,
            size integer NOT NULL,
            written integer NOT NULL,
            unwritten smallint NOT NULL,
            submitted integer NOT NULL,
            pending integer NOT NULL,
            runnable integer NOT NULL,
            starting integer NOT NULL,
            running integer NOT NULL,
            succeeded integer NOT NULL,
            failed integer NOT NULL,
            updated_at bigint NOT NULL,
            first_started_at bigint,
            last_stopped_at bigint,
            is_owed boolean NOT NULL,
            last_event bigint NOT NULL,
            last_number integer NOT NULL,
            node_vcpu_millis bigint,
            node_memory_mib bigint,
            node_gpus integer,
            instance_type text COLLATE "C"
        ) WITH (fillfactor = 50);
        CREATE INDEX arrays_owed ON arrays (sequence) WHERE is_owed;

        CREATE TABLE array_children (
            parent bigint NOT NULL,
            index integer NOT NULL,
            version bigint NOT NULL,
            queue integer NOT NULL,
            status smallint NOT NULL,
            rank smallint,
            has_reason boolean NOT NULL,
            last_event bigint NOT NULL,
            last_number integer NOT NULL,
            shared_event bigint NOT NULL,
            environment text COLLATE "C",
            node text COLLATE "C",
            state bytea NOT NULL,
            PRIMARY KEY (parent, index)
        ) WITH (fillfactor = 70);
        CREATE INDEX array_children_by_status ON array_children (parent, status, index);
        CREATE INDEX array_children_runnable ON array_children (queue, rank, parent, index) WHERE rank IS NOT NULL;
        CREATE INDEX array_children_by_environment ON array_children (environment) WHERE environment IS NOT NULL;
        CREATE INDEX array_children_by_node ON array_children (node) WHERE node IS NOT NULL;

        CREATE TABLE waits (
            job bigint NOT NULL,
            child integer NOT NULL,
            dependent bigint NOT NULL,
            PRIMARY KEY (job, child, dependent)
        );
        CREATE TABLE owed_looks (
            dependent bigint NOT NULL,
            child integer NOT NULL,
            stamp bigint NOT NULL,
            PRIMARY KEY (dependent, child)
        );

        CREATE TABLE share_use (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            queue integer NOT NULL,
            ended_at bigint NOT NULL,
            started_at bigint NOT NULL,
            vcpu_millis bigint NOT NULL,
            share text COLLATE "C" NOT NULL
        );
        CREATE INDEX share_use_by_end ON share_use (queue, ended_at);

        CREATE TABLE consumable_taken (
            key text COLLATE "C" PRIMARY KEY,
            quantity bigint NOT NULL
        ) WITH (fillfactor = 50);
        CREATE TABLE consumable_claims (
            job bigint NOT NULL,
            child integer NOT NULL,
            key text COLLATE "C" NOT NULL,
            quantity bigint NOT NULL,
            is_replenishable boolean NOT NULL,
            PRIMARY KEY (job, child, key)
        );
        CREATE TABLE consumable_needs (
            job bigint NOT NULL,
            resource text COLLATE "C" NOT NULL,
            quantity bigint NOT NULL,
            is_open boolean NOT NULL,
            PRIMARY KEY (job, resource)
        );
        CREATE INDEX consumable_needs_by_resource ON consumable_needs (resource, job);
        CREATE INDEX consumable_needs_open ON consumable_needs (resource) WHERE is_open;

        CREATE TABLE job_events (
            id bigint PRIMARY KEY,
            job bigint NOT NULL,
            child integer,
            number integer NOT NULL,
            previous bigint NOT NULL,
            at bigint NOT NULL,
            what integer NOT NULL,
            attempts integer NOT NULL,
            reason bytea
        );

        CREATE TABLE webhooks (
            key text COLLATE "C" PRIMARY KEY
        );
        CREATE TABLE webhook_cursors (
            id text COLLATE "C" PRIMARY KEY,
            event bigint NOT NULL,
            child integer NOT NULL
        );
        CREATE TABLE webhook_dead_letters (
            id text COLLATE "C" NOT NULL,
            event bigint NOT NULL,
            child integer NOT NULL,
            at bigint NOT NULL,
            attempts integer NOT NULL,
            reason text NOT NULL,
            PRIMARY KEY (id, event, child)
        );

        CREATE TABLE hosts (
            host_id text COLLATE "C" PRIMARY KEY,
            environment text COLLATE "C" NOT NULL,
            launched_at bigint NOT NULL,
            ended_at bigint,
            cost_nano_usd bigint,
            host bytea NOT NULL
        );
        CREATE INDEX hosts_live ON hosts (environment, launched_at, host_id) WHERE ended_at IS NULL;
        CREATE INDEX hosts_ended ON hosts (environment, launched_at, host_id) WHERE ended_at IS NOT NULL;
        CREATE TABLE nodes (
            node_id text COLLATE "C" PRIMARY KEY,
            version bigint NOT NULL,
            is_live boolean NOT NULL,
            node bytea NOT NULL
        ) WITH (fillfactor = 50);
        CREATE INDEX nodes_live ON nodes (node_id) WHERE is_live;

        CREATE TABLE host_costs (
            environment text COLLATE "C" PRIMARY KEY,
            nano_usd bigint NOT NULL
        ) WITH (fillfactor = 50);
        """;

    /// <remarks>
    /// What agents have shipped of their logs. <c>log</c> is a hash of the log's name, <c>day</c> the day on which something of it came last. Chunks are compressed already: the
    /// database is not to try again.
    /// </remarks>
    private const string ShippedLogs =
        """
        CREATE TABLE shipped_logs (
            log uuid PRIMARY KEY,
            log_end bigint NOT NULL,
            is_closed boolean NOT NULL,
            day integer NOT NULL
        ) WITH (fillfactor = 70);
        CREATE INDEX shipped_logs_by_day ON shipped_logs (day);

        CREATE TABLE log_chunks (
            log uuid NOT NULL,
            chunk_begin bigint NOT NULL,
            chunk_end bigint NOT NULL,
            time bigint NOT NULL,
            data bytea NOT NULL,
            PRIMARY KEY (log, chunk_begin)
        );
        ALTER TABLE log_chunks ALTER COLUMN data SET STORAGE EXTERNAL;
        """;

    /// <summary>In their order.</summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        First,
        OrleansScripts.All,
#if PLANTED_BUGS
        PlantedBugs.Planted.Is("drop-the-unique-index") ? "SELECT 1" :
#endif
        OrleansScripts.StorageWithoutDoubles,
        ShippedLogs,
    ];
}
