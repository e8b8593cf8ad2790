using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>Which revision of a job definition.</summary>
internal readonly record struct RevisionKey(string Scope, string Name, int Revision);

/// <summary>A write of one revision, which its transaction has looked for.</summary>
internal abstract class RevisionWrite<TAnswer>(RevisionKey key, CancellationToken cancellationToken)
    : QueuedWrite<TAnswer>(1, cancellationToken), IPostgresWrite<TAnswer>
{
    protected RevisionKey Key => key;

    public virtual void AddTo(StepKeys keys) => _ = keys.Revisions.Add(key);

    public abstract bool Apply(PostgresTables tables, StepBooks books);
}

/// <summary>Inserts a revision, with the answer to the call that registers it.</summary>
internal sealed class RevisionInsert(RevisionKey key, bool isActive, byte[] json, InvocationRecord? invocation, CancellationToken cancellationToken)
    : RevisionWrite<DefinitionInserted>(key, cancellationToken)
{
    private const string Insert = "INSERT INTO job_definitions (scope, name, revision, is_active, definition) VALUES ($1, $2, $3, $4, $5)";

    public override void AddTo(StepKeys keys)
    {
        base.AddTo(keys);
        if (invocation is not null)
        {
            _ = keys.Invocations.Add(invocation.Key);
        }
    }

    public override bool Apply(PostgresTables tables, StepBooks books)
    {
        // First, for a repeated call meets the row that it wrote itself.
        if (invocation is not null && tables.FindInvocation(invocation.Key) is { } recorded)
        {
            Kept = new(IsDone: false, recorded);
            return false;
        }

        Kept = new(IsDone: tables.Revisions.TryAdd(Key, isActive));
        if (Kept.IsDone)
        {
            tables.Pending.Plain.Add(new(Insert, Key.Scope, Key.Name, Key.Revision, isActive, json));
            if (invocation is not null)
            {
                tables.Insert(invocation);
            }
        }

        return Kept.IsDone;
    }
}

/// <summary>Changes a revision, if there is one: the answer says so.</summary>
internal sealed class RevisionChange(RevisionKey key, bool isDeactivation, PlainStatement statement, CancellationToken cancellationToken)
    : RevisionWrite<bool>(key, cancellationToken)
{
    public override bool Apply(PostgresTables tables, StepBooks books)
    {
        Kept = tables.Revisions.TryGetValue(Key, out var isActive);
        if (!Kept || (isDeactivation && !isActive))
        {
            return false;
        }

        tables.Revisions[Key] = isActive && !isDeactivation;
        tables.Pending.Plain.Add(statement);
        return true;
    }
}
