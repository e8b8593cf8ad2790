using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>The rows that a transaction has read: nobody else changes them until it is over.</summary>
internal sealed class LoadedRows
{
    public long LastSequence { get; set; }

    public long LastEvent { get; set; }

    public Dictionary<string, JobRow> Jobs { get; } = new(StringComparer.Ordinal);

    public Dictionary<long, string> JobIds { get; } = [];

    public Dictionary<(long Parent, int Index), PartRow> Parts { get; } = [];

    public Dictionary<long, ArrayRow> Arrays { get; } = [];

    public Dictionary<string, long> Epochs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Invocations { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> Taken { get; } = new(StringComparer.Ordinal);

    public Dictionary<(long Job, int Child), List<(string Key, long Quantity, bool IsReplenishable)>> Claims { get; } = [];

    /// <summary>Who waits, by what ends.</summary>
    public Dictionary<long, Dictionary<int, List<long>>> Waits { get; } = [];

    public Dictionary<ScopedName, int> Queues { get; } = [];

    /// <summary>Revisions of job definitions that there are, and whether each is active.</summary>
    public Dictionary<RevisionKey, bool> Revisions { get; } = [];

    public Dictionary<ScopedName, int> LogGroups { get; } = [];

    /// <summary>Whether anyone waits for any job.</summary>
    public bool AnyWaits { get; set; }
}

/// <summary>A child or node that has a row; its state only of those that are swept.</summary>
internal sealed record PartRow(long Version, JobStatus Status, short? Rank, string? Environment, string? Node, EventMark LastEvent, JobState? State);
