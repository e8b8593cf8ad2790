using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>The jobs that a page of events tells of: read together for many rows, and only for those that are wanted.</summary>
/// <param name="session">Sees one state as long as the page is made.</param>
/// <param name="filter">What is wanted; null: everything.</param>
internal sealed class EventJobs(PostgresSession session, EventFilter? filter) : IEventJobs
{
    private const string Queues = "SELECT j.sequence, q.key FROM jobs j JOIN queues q ON q.id = j.queue WHERE j.sequence = ANY ($1)";

    private const string Parts =
        """
        SELECT c.parent, c.index, c.version, c.state
        FROM unnest($1::bigint[], $2::integer[]) AS u (parent, index) JOIN array_children c ON c.parent = u.parent AND c.index = u.index
        """;

    private const string Shared = "SELECT parent, index, shared_event FROM array_children WHERE parent = ANY ($1)";

    private readonly Dictionary<long, ScopedName> _queues = [];
    private readonly Dictionary<long, JobRecord> _jobs = [];
    private readonly Dictionary<(long, int), PartState> _parts = [];
    private readonly Dictionary<long, List<(int Index, long Event)>> _shared = [];

    /// <summary>Reads what these rows tell of.</summary>
    public async Task LoadAsync(IReadOnlyList<EventRow> rows)
    {
        var wanted = rows.Where(row => filter?.Wants(row.Change) != false).ToList();
        foreach (var (sequence, queue) in await ListAsync(
            wanted.Select(row => row.Job).Where(job => !_queues.ContainsKey(job)),
            jobs => session.ListAsync(Queues, reader => (reader.GetInt64(0), ScopedName.Parse(reader.GetString(1))), jobs)))
        {
            _queues[sequence] = queue;
        }

        wanted.RemoveAll(row => QueueOf(row.Job) is not { } queue || filter?.WantsQueue(queue) == false);
        foreach (var job in await ListAsync(
            wanted.Select(row => row.Job).Where(job => !_jobs.ContainsKey(job)),
            async jobs => (await JobReads.ReadAsync(session, jobs)).Values.ToList()))
        {
            _jobs[job.Sequence] = job;
        }

        await LoadPartsAsync([.. wanted.Where(row => row.Child >= 0).Select(row => (row.Job, row.Child)).Distinct().Where(part => !_parts.ContainsKey(part))]);
        foreach (var (parent, index, shared) in await ListAsync(
            wanted.Where(row => row.Child == EventBook.OfUnwritten).Select(row => row.Job).Where(job => !_shared.ContainsKey(job)),
            parents => session.ListAsync(Shared, reader => (reader.GetInt64(0), reader.GetInt32(1), reader.GetInt64(2)), parents)))
        {
            if (!_shared.TryGetValue(parent, out var children))
            {
                _shared.Add(parent, children = []);
            }

            children.Add((index, shared));
        }
    }

    public ScopedName? QueueOf(long sequence) => _queues.TryGetValue(sequence, out var queue) ? queue : null;

    public JobRecord? Find(long sequence) => _jobs.GetValueOrDefault(sequence);

    public JobRecord? Child(JobRecord parent, int index) => ChildReads.Of(parent, index, _parts.GetValueOrDefault((parent.Sequence, index)));

    public IReadOnlySet<int> HadRows(JobRecord parent, long eventId) =>
        _shared.TryGetValue(parent.Sequence, out var children) ? children.Where(child => child.Event < eventId).Select(child => child.Index).ToHashSet() : [];

    private async Task LoadPartsAsync((long Parent, int Index)[] parts)
    {
        if (parts.Length > 0)
        {
            _ = await session.ListAsync(
                Parts,
                reader => _parts[(reader.GetInt64(0), reader.GetInt32(1))] = PartState.Read(reader, 2),
                parts.Select(part => part.Parent).ToArray(),
                parts.Select(part => part.Index).ToArray());
        }
    }

    private static async Task<List<T>> ListAsync<T>(IEnumerable<long> sequences, Func<long[], Task<List<T>>> read)
    {
        long[] distinct = [.. sequences.Distinct()];
        return distinct.Length == 0 ? [] : await read(distinct);
    }
}
