using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.Model.Events;

namespace OrleansBatch.Core.Events;

/// <summary>Events in the form of Amazon EventBridge.</summary>
/// <remarks>Source: EventBridge user guide, "Events"; AWS Batch user guide, "Batch job events".</remarks>
public static class EventEnvelopes
{
    /// <summary>The detail-type of a change of status.</summary>
    public const string StateChange = "Batch Job State Change";

    /// <summary>The detail-type of a head that blocks its queue.</summary>
    public const string QueueBlocked = "Batch Job Queue Blocked";

    /// <summary>The kind that a detail-type means; null: none.</summary>
    public static JobChangeKind? KindOf(string detailType) => detailType switch
    {
        StateChange => JobChangeKind.StateChange,
        QueueBlocked => JobChangeKind.QueueBlocked,
        _ => null,
    };

    /// <summary>An event as clients see it: the job as it was when the event was recorded.</summary>
    public static BatchEvent Of(RecordedEvent recorded)
    {
        var job = recorded.Job;
        // An array's counts are those of now: events do without.
        var detail = JobDescriptions.Detail(job with { State = JobsAsOf.State(job.State, recorded.Change), Children = null });
        var isBlocked = recorded.Change.Kind == JobChangeKind.QueueBlocked;
        return new()
        {
            Id = IdOf(job.JobId, recorded.Number),
            DetailType = isBlocked ? QueueBlocked : StateChange,
            Account = job.Scope.Account,
            Time = recorded.Change.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Region = job.Scope.Region,
            Resources = isBlocked ? [detail.JobArn, Arns.JobQueue(job.Scope, job.Spec.JobQueue)] : [detail.JobArn],
            Detail = detail with { OrleansBatch = detail.OrleansBatch! with { SequenceNumber = recorded.Number } },
            Cursor = recorded.Position.ToString(),
        };
    }

    /// <summary>The same each time that the event is told: made of the job's id and the event's number (a UUID of version 8).</summary>
    public static string IdOf(string jobId, int number)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{jobId}/{number}")), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }
}
