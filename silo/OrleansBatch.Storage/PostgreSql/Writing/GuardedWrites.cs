using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>A statement with its parameters.</summary>
internal sealed record PlainStatement(string Text, params object[] Parameters);

/// <summary>A write that is done only as long as nobody has taken a newer epoch. The answer says whether it was.</summary>
internal abstract class GuardedWrite(int rows, EpochGuard? guard, CancellationToken cancellationToken)
    : QueuedWrite<bool>(rows, cancellationToken), IPostgresWrite<bool>
{
    public void AddTo(StepKeys keys)
    {
        if (guard is not null)
        {
            _ = keys.Epochs.Add(guard.Key);
        }
    }

    public bool Apply(PostgresTables tables, StepBooks books)
    {
        Kept = guard is null || tables.NewestEpoch(guard.Key) == guard.Epoch;
        return Kept && Write(tables);
    }

    /// <summary>Does it; says whether anything is to be written.</summary>
    protected abstract bool Write(PostgresTables tables);
}

/// <summary>Writes hosts.</summary>
internal sealed class HostsWrite(PreparedHost[] hosts, EpochGuard guard, CancellationToken cancellationToken) : GuardedWrite(hosts.Length + 1, guard, cancellationToken)
{
    protected override bool Write(PostgresTables tables)
    {
        foreach (var host in hosts)
        {
            tables.Write(host);
        }

        return hosts.Length > 0;
    }
}

/// <summary>Runs statements as they are, after those of the steps before it.</summary>
internal sealed class StatementsWrite(IReadOnlyList<PlainStatement> statements, EpochGuard? guard, CancellationToken cancellationToken)
    : GuardedWrite(statements.Count, guard, cancellationToken)
{
    protected override bool Write(PostgresTables tables)
    {
        tables.Pending.Plain.AddRange(statements);
        return true;
    }
}
