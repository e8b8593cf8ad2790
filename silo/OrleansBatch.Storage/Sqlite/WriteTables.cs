using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The tables as the writer sees them: one connection, and what it remembers of rows. Dies with its first error.</summary>
internal sealed class WriteTables : IStepTables, IDisposable
{
    public WriteTables(SqliteSession session, RecentJobs recent, TimeProvider time)
    {
        Session = session;
        Arrays = new(session);
        Waits = new(session);
        Consumables = new(session);
        Events = new(session);
        Jobs = new(session, new(session), recent);
        Epochs = new(session);
        Invocations = new(session, time);
        Logs = new(session);
        Hosts = new(session);
        Books = new(this, time);
    }

    public SqliteSession Session { get; }

    public ArrayRows Arrays { get; }

    public WaitRows Waits { get; }

    public ConsumableRows Consumables { get; }

    public EventRows Events { get; }

    public JobRows Jobs { get; }

    public EpochRows Epochs { get; }

    public InvocationRows Invocations { get; }

    public LogRows Logs { get; }

    public HostRows Hosts { get; }

    public StepBooks Books { get; }

    /// <summary>Whether the open transaction has changed anything.</summary>
    public bool IsChanged { get; set; }

    IJobTable IStepTables.Jobs => Jobs;

    IArrayTable IStepTables.Arrays => Arrays;

    IWaitTable IStepTables.Waits => Waits;

    IConsumableTable IStepTables.Consumables => Consumables;

    IEventTable IStepTables.Events => Events;

    long IStepTables.NewestEpoch(string key) => Epochs.Newest(key);

    string? IStepTables.FindInvocation(string key) => Invocations.Find(key);

    void IStepTables.Insert(InvocationRecord record) => Invocations.Insert(record);

    void IStepTables.Insert(LogStreamRow stream) => Logs.Insert(stream);

    void IStepTables.Write(PreparedHost host) => Hosts.Write(host);

    public void Dispose() => Session.Dispose();
}
