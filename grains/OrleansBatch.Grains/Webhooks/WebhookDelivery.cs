using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Webhooks;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Grains.Webhooks;

/// <summary>Delivers a webhook's events: reads them behind its cursor, sends them, and stores how far it has come.</summary>
/// <remarks>
/// Events of one job go one after another, those of others beside them: so one that is not taken holds up its own job's, and others until the
/// window is full. The cursor stands behind the last event before which nothing is open: after a crash what lay beyond is sent again.
/// </remarks>
internal sealed partial class WebhookDelivery(
    WebhookConfiguration webhook, EpochGuard epoch, WebhookRequests requests, IEventStore events, IWebhookStore store,
    IFailpoints failpoints, TimeProvider time, ILogger logger)
{
    /// <summary>Events in memory at most.</summary>
    private const int Window = 1_000;

    private const int PageSize = 200;

    /// <summary>Deliveries that are stored together at most, while there are more.</summary>
    private const int DonePerStep = 64;

    /// <summary>How far the cursor may lag behind events that were not wanted.</summary>
    private const int PassedPerStep = 5_000;

    private static readonly TimeSpan StoreEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SafetyLook = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly WebhookConfiguration _webhook = webhook;
    private readonly EpochGuard _epoch = epoch;
    private readonly WebhookRequests _requests = requests;
    private readonly IEventStore _events = events;
    private readonly IWebhookStore _store = store;
    private readonly IFailpoints _failpoints = failpoints;
    private readonly TimeProvider _time = time;
    private readonly EventFilter _filter = WebhookRules.FilterOf(webhook);

    /// <summary>How far it has come, as stored; null: not read yet.</summary>
    public EventPosition? Cursor { get; private set; }

    /// <summary>Runs until it is stopped, or another activation has taken over.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            using var run = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            try
            {
                if (!await new Run(this, run.Token).GoAsync(stopping))
                {
                    return;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                // From the stored cursor again.
                LogFailed(exception, _webhook.Name.Key);
                await run.CancelAsync();
                await Task.Delay(AfterFailure, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Webhook} could not read or store; it goes on from its cursor")]
    private partial void LogFailed(Exception exception, string webhook);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Webhook} gave up event {Number} of job {JobId} after {Attempts} attempts: {Reason}")]
    private partial void LogGivenUp(string webhook, int number, string jobId, int attempts, string reason);

    /// <summary>From one reading of the cursor on.</summary>
    /// <param name="delivery">Whose.</param>
    /// <param name="cancelled">Ends what is under way, too.</param>
    private sealed class Run(WebhookDelivery delivery, CancellationToken cancelled)
    {
        private readonly Queue<Outgoing> _open = new();
        private readonly Dictionary<string, Task> _lastOfJob = new(StringComparer.Ordinal);
        private readonly Channel<Outgoing> _ended = Channel.CreateUnbounded<Outgoing>(new() { SingleReader = true });
        private readonly List<DeadLetterRow> _letters = [];
        private EventPosition _read;
        private EventPosition _cursor;
        private EventPosition _stored;
        private int _done;
        private long _storedAt;
        private bool _hasMore = true;

        /// <summary>False when another activation has taken over.</summary>
        public async Task<bool> GoAsync(CancellationToken stopping)
        {
            _read = _cursor = _stored = await delivery._store.ReadCursorAsync(delivery._webhook.Id, stopping)
                ?? WebhookRules.CursorOf(delivery._webhook.Start);
            delivery.Cursor = _stored;
            _storedAt = delivery._time.GetTimestamp();
            Task? news = null;
            Task? ended = null;
            while (true)
            {
                while (_ended.Reader.TryRead(out var outgoing))
                {
                    Take(outgoing);
                }

                if (stopping.IsCancellationRequested)
                {
                    // What was taken is not sent again for want of a word.
                    return (_done == 0 && _letters.Count == 0) || await StoreAsync(CancellationToken.None);
                }

                await ReadAsync(stopping);
                if (MustStore && !await StoreAsync(stopping))
                {
                    return false;
                }

                if (_hasMore && HasRoom)
                {
                    continue;
                }

                ended = ended is null or { IsCompleted: true } ? _ended.Reader.WaitToReadAsync(cancelled).AsTask() : ended;
                news = news is null or { IsCompleted: true } ? delivery._events.WaitAsync(_read, cancelled) : news;
                using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
                var look = Task.Delay(_done > 0 ? StoreEvery : SafetyLook, delivery._time, pause.Token);
                await Task.WhenAny(HasRoom ? [ended, news, look] : [ended, look]);
                // Not looked at while the window is full: what has failed is seen with the next.
                if (HasRoom && news.IsCompleted && !stopping.IsCancellationRequested)
                {
                    await news;
                    _hasMore = true;
                }

                _hasMore |= look.IsCompletedSuccessfully;
                await pause.CancelAsync();
            }
        }

        private bool HasRoom => _open.Count < Window;

        private bool MustStore => _letters.Count > 0
            || _done >= DonePerStep
            || (_done > 0 && (_open.Count == 0 || delivery._time.GetElapsedTime(_storedAt) >= StoreEvery))
            || _cursor.Id - _stored.Id >= PassedPerStep;

        private async Task ReadAsync(CancellationToken stopping)
        {
            if (!_hasMore || !HasRoom)
            {
                return;
            }

            var page = await delivery._events.ReadAsync(delivery._filter, _read, Math.Min(PageSize, Window - _open.Count), stopping);
            if (page.Events.Count > 0)
            {
                delivery._failpoints.Reach(Failpoint.RecordedNotDelivered);
            }

            foreach (var recorded in page.Events)
            {
                Send(recorded);
            }

            (_read, _hasMore) = (page.Next, page.HasMore);
            _cursor = _open.Count == 0 ? _read : _cursor;
        }

        private void Send(RecordedEvent recorded)
        {
            var outgoing = new Outgoing(recorded);
            _open.Enqueue(outgoing);
            outgoing.Sending = SendAfterAsync(_lastOfJob.GetValueOrDefault(recorded.Job.JobId), outgoing);
            _lastOfJob[recorded.Job.JobId] = outgoing.Sending;
        }

        private async Task SendAfterAsync(Task? before, Outgoing outgoing)
        {
            // Off the reader's loop; and whatever became of the one before is told by itself.
            await Task.Yield();
            if (before is not null)
            {
                await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            cancelled.ThrowIfCancellationRequested();
            try
            {
                outgoing.GivenUp = await delivery._requests.SendAsync(outgoing.Recorded, cancelled);
            }
            catch (Exception exception) when (!cancelled.IsCancellationRequested)
            {
                // What cannot even be sent is not to hold up what can.
                outgoing.GivenUp = new(1, exception.Message);
            }

            delivery._failpoints.Reach(Failpoint.DeliveredNotStored);
            _ended.Writer.TryWrite(outgoing);
        }

        private void Take(Outgoing ended)
        {
            ended.IsDone = true;
            var recorded = ended.Recorded;
            if (_lastOfJob.GetValueOrDefault(recorded.Job.JobId) == ended.Sending)
            {
                _lastOfJob.Remove(recorded.Job.JobId);
            }

            if (ended.GivenUp is { } givenUp)
            {
                delivery.LogGivenUp(delivery._webhook.Name.Key, recorded.Number, recorded.Job.JobId, givenUp.Attempts, givenUp.Reason);
                _letters.Add(new(recorded.Position, delivery._time.GetUtcNow(), givenUp.Attempts, givenUp.Reason));
            }

            while (_open.TryPeek(out var first) && first.IsDone)
            {
                _cursor = _open.Dequeue().Recorded.Position;
                _done++;
            }

            _cursor = _open.Count == 0 ? _read : _cursor;
        }

        private async Task<bool> StoreAsync(CancellationToken stopping)
        {
            if (!await delivery._store.AdvanceAsync(delivery._webhook.Id, delivery._epoch, _cursor, _letters, stopping))
            {
                return false;
            }

            delivery.Cursor = _stored = _cursor;
            _done = 0;
            _storedAt = delivery._time.GetTimestamp();
            _letters.Clear();
            return true;
        }
    }

    private sealed class Outgoing(RecordedEvent recorded)
    {
        public RecordedEvent Recorded => recorded;

        public Task? Sending { get; set; }

        public GivenUp? GivenUp { get; set; }

        public bool IsDone { get; set; }
    }
}
