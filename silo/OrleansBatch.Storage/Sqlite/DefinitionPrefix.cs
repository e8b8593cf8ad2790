using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Jobs of all definitions whose name begins in one way, newest first over all of them.</summary>
/// <remarks>
/// Each name has its jobs in order in the index, all names together have not: the names are found by leaps through the index, and their
/// jobs merged as far as the page goes. What is read is one key a name and a few more of those that have the newest jobs.
/// </remarks>
internal static class DefinitionPrefix
{
    private const string NextName =
        "SELECT min(definition_name) FROM jobs INDEXED BY jobs_by_definition WHERE queue = ?1 AND definition_name > ?2";

    private const string FirstName =
        "SELECT min(definition_name) FROM jobs INDEXED BY jobs_by_definition WHERE queue = ?1 AND definition_name >= ?2";

    private static readonly NewestFirst Keys = new(
        "SELECT j.created_at, j.sequence FROM jobs j INDEXED BY jobs_by_definition WHERE j.queue = ?1 AND j.definition_name = ?5");

    /// <summary>Sequences of the newest jobs after the cursor.</summary>
    public static IEnumerable<long> Newest(SqliteSession session, long queue, string prefix, JobCursor? after, int limit)
    {
        var newestFirst = Comparer<JobCursor>.Create(
            (left, right) => (right.CreatedAt, right.Sequence).CompareTo((left.CreatedAt, left.Sequence)));
        var heads = new PriorityQueue<Stream, JobCursor>(newestFirst);
        foreach (var name in Names(session, queue, prefix))
        {
            Advance(heads, new(session, queue, name, after));
        }

        for (var taken = 0; taken < limit && heads.TryDequeue(out var stream, out var key); taken++)
        {
            yield return key.Sequence;
            Advance(heads, stream);
        }
    }

    private static void Advance(PriorityQueue<Stream, JobCursor> heads, Stream stream)
    {
        if (stream.Next() is { } key)
        {
            heads.Enqueue(stream, key);
        }
    }

    private static IEnumerable<string> Names(SqliteSession session, long queue, string prefix)
    {
        var name = Name(session.Prepare(FirstName).Bind(1, queue).Bind(2, prefix));
        while (name is not null && name.StartsWith(prefix, StringComparison.Ordinal))
        {
            yield return name;
            name = Name(session.Prepare(NextName).Bind(1, queue).Bind(2, name));
        }
    }

    private static string? Name(Statement select)
    {
        var name = select.Step() && !select.IsNull(0) ? select.Text(0) : null;
        select.Reset();
        return name;
    }

    /// <summary>One name's jobs, newest first, read in growing pieces.</summary>
    private sealed class Stream(SqliteSession session, long queue, string name, JobCursor? after)
    {
        private const int LargestPiece = 256;

        private readonly Queue<JobCursor> _read = new();
        private JobCursor? _last = after;
        private int _piece = 1;
        private bool _isAtEnd;

        public JobCursor? Next()
        {
            if (_read.Count == 0 && !_isAtEnd)
            {
                Read();
            }

            return _read.TryDequeue(out var key) ? key : null;
        }

        private void Read()
        {
            if (_last is { } cursor)
            {
                Take(Keys.SameTime(session, queue, cursor, _piece));
            }

            if (_read.Count < _piece)
            {
                Take(Keys.Earlier(session, queue, _last ?? JobCursor.Start, _piece - _read.Count));
            }

            _isAtEnd = _read.Count < _piece;
            _piece = Math.Min(_piece * 4, LargestPiece);
        }

        private void Take(Statement select)
        {
            select.Bind(5, name);
            while (select.Step())
            {
                _last = new(select.Int64(0), select.Int64(1), "");
                _read.Enqueue(_last.Value);
            }

            select.Reset();
        }
    }
}
