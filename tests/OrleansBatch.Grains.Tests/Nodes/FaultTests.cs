using System.Collections.Concurrent;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>
/// Three silos whose calls are dropped, doubled and delayed and whose store fails before or after its commits, by seeds; meanwhile one silo is killed and another one comes. Agents start each
/// attempt once, as their supervisors' journals make them, and repeat what they report.
/// </summary>
public sealed class FaultTests : IDisposable
{
    private const int Jobs = 24;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-faults-").FullName;
    private readonly FakeAgent[] _agents = [new() { NodeId = "i-00000000000000001", IsNumbering = true }, new() { NodeId = "i-00000000000000002", IsNumbering = true }];
    private readonly ConcurrentDictionary<AttemptId, FakeAgent> _live = [];

    /// <summary>Those that live, and those whose ends are not settled: what the agents say that they have.</summary>
    private readonly ConcurrentDictionary<AttemptId, FakeAgent> _open = [];
    private readonly ConcurrentDictionary<AttemptId, byte> _started = [];
    private readonly ConcurrentQueue<string> _wrong = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_becomes_of_calls_commits_and_silos_each_job_is_tried_as_often_as_it_should_be_and_once_at_a_time(int seed)
    {
        var faults = new CallFaults(seed);
        await using var batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false, silos: 3, faults: faults);
        await ConnectAsync(batch);
        var queue = await batch.SetUpUnmanagedAsync();
        using var over = new CancellationTokenSource();
        var agents = _agents.Select(agent => Task.Run(() => RunAsync(batch, agent, queue, over.Token))).ToArray();

        faults.IsOn = true;
        var jobs = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(n => AgainAsync(() => batch.SubmitAsync(queue, attempts: 2, invocation: $"{seed}-{n}"))));
        _ = await UntilAsync(batch, () => Task.FromResult(_started.Count > Jobs / 3));
        await batch.Cluster.KillSiloAsync(batch.Cluster.GetActiveSilos().ElementAt(1));
        _ = await batch.Cluster.StartAdditionalSiloAsync();
        _ = await UntilAsync(batch, async () =>
        {
            // Their streams end again and again.
            await ConnectAsync(batch);
            return (await Task.WhenAll(jobs.Select(batch.StateAsync))).All(IsOver);
        });
        faults.IsOn = false;

        _ = await UntilAsync(batch, async () => await batch.InUseAsync(queue) == default);
        await over.CancelAsync();
        await Task.WhenAll(agents);
        Assert.Empty(_wrong);
        for (var n = 0; n < Jobs; n++)
        {
            var job = await batch.DescribeAsync(jobs[n]);
            Assert.True(
                (KindOf(jobs[n]) == 2 ? "FAILED" : "SUCCEEDED", AttemptsOf(jobs[n])) == (job.Status, job.Attempts.Count),
                $"Job {n}, of kind {KindOf(jobs[n])}, is {job.Status} after these attempts: {string.Join("; ", job.Attempts.Select(attempt => $"{attempt.Container?.ExitCode}, {attempt.StatusReason}"))}");
        }

        Assert.Equal(jobs.SelectMany(id => Enumerable.Range(1, AttemptsOf(id)).Select(fence => new AttemptId(id, fence))).Order(ById), _started.Keys.Order(ById));
        Assert.All(Enum.GetValues<CallFaults.Fault>(), fault => Assert.True(faults.Struck.ContainsKey(fault), $"{fault} never struck."));
        Assert.True(faults.FailedCommits > 0);
    }

    private static Comparer<AttemptId> ById { get; } = Comparer<AttemptId>.Create((a, b) => string.CompareOrdinal($"{a}", $"{b}"));

    private static bool IsOver(string state) => state.StartsWith("SUCCEEDED", StringComparison.Ordinal) || state.StartsWith("FAILED", StringComparison.Ordinal);

    /// <summary>0: it succeeds. 1: it fails once, and then succeeds. 2: it fails as often as it may.</summary>
    private static int KindOf(string jobId) => Convert.ToInt32(jobId[^1..], 16) % 3;

    private static int AttemptsOf(string jobId) => KindOf(jobId) == 0 ? 1 : 2;

    private static int ExitCodeOf(AttemptId attempt) => KindOf(attempt.JobId) == 2 || (KindOf(attempt.JobId) == 1 && attempt.Fence == 1) ? 1 : 0;

    private async Task ConnectAsync(Batch batch)
    {
        foreach (var agent in _agents)
        {
            _ = await AgainAsync(() => agent.TalkAsync(
                () => batch.ConnectThroughAsync(0, agent, _open.Where(one => one.Value == agent).Select(one => one.Key))));
        }
    }

    private async Task RunAsync(Batch batch, FakeAgent agent, string queue, CancellationToken over)
    {
        List<Task> running = [];
        try
        {
            await foreach (var order in agent.ForQueue(queue).Reader.ReadAllAsync(over))
            {
                // The journal: a fence is started once.
                if (!_started.TryAdd(order.Attempt, 0))
                {
                    continue;
                }

                if (_live.Keys.Any(live => live.JobId == order.Attempt.JobId))
                {
                    _wrong.Enqueue($"{order.Attempt} began while another attempt of its job lived.");
                }

                _live[order.Attempt] = _open[order.Attempt] = agent;
                if (_live.Values.Count(one => one == agent) is var count && count > agent.Capacity.VcpuMillis / 1_000)
                {
                    _wrong.Enqueue($"{count} attempts on {agent.NodeId}.");
                }

                running.Add(LiveAsync(batch, agent, order));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task LiveAsync(Batch batch, FakeAgent agent, LaunchOrder order)
    {
        await ReportAsync(agent, () => batch.StartedAsync(order, agent));
        _ = _live.TryRemove(order.Attempt, out _);
        await ReportAsync(agent, () => batch.ExitedAsync(order, ExitCodeOf(order.Attempt), agent));
        _ = _open.TryRemove(order.Attempt, out _);
    }

    private static async Task ReportAsync(FakeAgent agent, Func<Task> report) => _ = await AgainAsync(() => agent.TalkAsync(async () =>
    {
        await report();
        return true;
    }));

    /// <summary>Time goes on, and keepers look, as each minute, until it holds.</summary>
    private static Task<bool> UntilAsync(Batch batch, Func<Task<bool>> holds) => AgainAsync(async () =>
    {
        batch.Clock.Advance(TimeSpan.FromSeconds(2));
        foreach (var keeper in batch.Keepers)
        {
            _ = await keeper.LookAsync(CancellationToken.None);
        }

        return await holds() ? true : throw new TimeoutException("It does not hold yet.");
    });

    /// <summary>Asks until it is answered.</summary>
    private static async Task<T> AgainAsync<T>(Func<Task<T>> ask)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception) when (!patience.IsCancellationRequested)
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }
}
