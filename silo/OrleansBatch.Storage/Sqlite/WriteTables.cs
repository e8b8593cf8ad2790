namespace OrleansBatch.Storage.Sqlite;

/// <summary>The tables as the writer sees them: one connection, and what it remembers of rows. Dies with its first error.</summary>
internal sealed class WriteTables : IDisposable
{
    public WriteTables(SqliteSession session, RecentJobs recent, TimeProvider time)
    {
        Session = session;
        Queues = new(session);
        Arrays = new(session, time);
        Waits = new(session);
        Consumables = new(session);
        Events = new(session);
        Jobs = new(session, Queues, Arrays, Waits, Consumables, Events, recent);
        Epochs = new(session);
        Invocations = new(session, time);
        Logs = new(session);
        Hosts = new(session);
    }

    public SqliteSession Session { get; }

    public QueueRows Queues { get; }

    public ArrayRows Arrays { get; }

    public WaitRows Waits { get; }

    public ConsumableRows Consumables { get; }

    public EventRows Events { get; }

    public JobRows Jobs { get; }

    public EpochRows Epochs { get; }

    public InvocationRows Invocations { get; }

    public LogRows Logs { get; }

    public HostRows Hosts { get; }

    /// <summary>Whether the open transaction has changed anything.</summary>
    public bool IsChanged { get; set; }

    public void Dispose() => Session.Dispose();
}
