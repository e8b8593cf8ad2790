using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Machine;
using OrleansBatch.Chaos.Members;

namespace OrleansBatch.Chaos.Load;

/// <summary>Submits the works of a plan at their time, stops those that are to be stopped, and looks at some on the way.</summary>
internal sealed class Submitter(Caller caller, HistoryRecorder recorder, string witness, int seed)
{
    private const int LookAt = 20;
    private const int MostUnanswered = 200;
    private const int MostAhead = 100;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenWorks = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BetweenWorksForFaults = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<string?>> _ids = new();
    private readonly ConcurrentQueue<string> _known = new();
    private int _answered;

    /// <summary>Submissions that were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Ids of all jobs that were answered.</summary>
    public IReadOnlyList<string> Known => [.. _known];

    /// <summary>Environments, queues and definitions.</summary>
    public async Task SetUpAsync(object environment, CancellationToken cancellationToken)
    {
        foreach (var request in new[] { environment, Topology.Managed(Topology.NodesEnvironment, Topology.NodesVcpus) })
        {
            _ = await caller.ReadAsync("CreateComputeEnvironment", request, cancellationToken);
        }

        foreach (var name in new[] { Topology.Environment, Topology.NodesEnvironment })
        {
            _ = await caller.ReadAsync("CreateJobQueue", new
            {
                jobQueueName = name,
                priority = 1,
                computeEnvironmentOrder = new[] { new { order = 1, computeEnvironment = name } },
            }, cancellationToken);
        }

        var container = new
        {
            image = "host",
            command = new[] { "/bin/sh", witness, "Ref::seconds", "Ref::exits", "Ref::term" },
            resourceRequirements = Resources(1),
        };
        _ = await caller.ReadAsync("RegisterJobDefinition", new { jobDefinitionName = Topology.Environment, type = "container", containerProperties = container }, cancellationToken);
        for (var nodes = 2; nodes <= LoadPlan.MostNodes; nodes++)
        {
            _ = await caller.ReadAsync("RegisterJobDefinition", new
            {
                jobDefinitionName = $"{Topology.NodesEnvironment}-{nodes}",
                type = "multinode",
                nodeProperties = new { numNodes = nodes, mainNode = 0, nodeRangeProperties = new[] { new { targetNodes = "0:", container } } },
            }, cancellationToken);
        }
    }

    /// <summary>Takes works of a plan until it is enough, and waits for the last answer. On a slow machine it waits for the jobs, but when nothing starts at all it goes on.</summary>
    /// <param name="works">The plan.</param>
    /// <param name="starts">How many processes have started so far.</param>
    /// <param name="isOnlyForFaults">Whether more is needed only so that faults, which take longer on a slow machine, have something to strike.</param>
    /// <param name="isEnough">Whether no more is needed.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    public async Task RunAsync(IEnumerable<Work> works, Func<int> starts, Func<bool> isOnlyForFaults, Func<bool> isEnough, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        List<Task> all = [];
        var (since, sure) = (Stopwatch.StartNew(), 0);
        foreach (var work in works)
        {
            var (lastStarts, lastStart) = (starts(), Stopwatch.StartNew());
            while (!isEnough() && (since.Elapsed < work.After || all.Count - Answered > MostUnanswered || (sure - starts() > MostAhead && lastStart.Elapsed < StartPatience)))
            {
                await Task.Delay(BetweenWorks, cancellationToken);
                if (starts() != lastStarts)
                {
                    (lastStarts, lastStart) = (starts(), Stopwatch.StartNew());
                }
            }

            if (isOnlyForFaults() && !isEnough())
            {
                await Task.Delay(BetweenWorksForFaults, cancellationToken);
            }

            if (isEnough())
            {
                break;
            }

            if (lastStart.Elapsed >= StartPatience)
            {
                // What has not started by now has been lost, or waits for what was: nobody waits for it here.
                sure = starts();
            }

            _ids[work.Key] = new(TaskCreationOptions.RunContinuationsAsynchronously);
            sure += work.SureStarts;
            all.Add(OneAsync(work, random.Next(3) == 0, cancellationToken));
        }

        await Task.WhenAll(all);
    }

    /// <summary>Looks at some of the jobs until told to stop.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var random = new Random(seed + 1);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var known = Known;
                if (known.Count > 0)
                {
                    // Half of them new ones: those that still change.
                    await caller.SeeAsync([.. known.TakeLast(LookAt / 2).Concat(Enumerable.Range(0, LookAt / 2).Select(_ => known[random.Next(known.Count)])).Distinct()], cancellationToken);
                }

                await Task.Delay(BetweenLooks, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task OneAsync(Work work, bool isLookedAt, CancellationToken cancellationToken)
    {
        List<object> dependsOn = [];
        foreach (var dependency in work.DependsOn)
        {
            var id = dependency.Key is { } key ? await _ids[key].Task.WaitAsync(cancellationToken) : null;
            if (dependency.Key is not null && id is null)
            {
                // The other was refused: there is nobody to wait for.
                _ = Interlocked.Increment(ref _answered);
                _ids[work.Key].SetResult(null);
                return;
            }

            dependsOn.Add(new { jobId = id, type = dependency.Type });
        }

        var planned = Planned(work);
        recorder.Add(planned);
        var answer = await caller.CommandAsync("SubmitJob", work.Key, Request(work, dependsOn), planned.InvocationId, null, cancellationToken);
        _ = Interlocked.Increment(ref _answered);
        var jobId = (string?)answer?["jobId"];
        _ids[work.Key].SetResult(jobId);
        if (jobId is null)
        {
            return;
        }

        _known.Enqueue(jobId);
        if (isLookedAt)
        {
            await caller.SeeAsync([jobId], cancellationToken);
        }

        if (work.Stop is { } operation)
        {
            await Task.Delay(work.StopAfter, cancellationToken);
            var reason = $"{operation} by the chaos run";
            _ = await caller.CommandAsync(operation, jobId, new { jobId, reason }, Guid.NewGuid().ToString(), reason, cancellationToken);
            await caller.SeeAsync([jobId], cancellationToken);
        }
    }

    private static SubmissionPlanned Planned(Work work) => new()
    {
        At = BootClock.Now,
        Key = work.Key,
        InvocationId = Guid.NewGuid().ToString(),
        Attempts = work.Attempts,
        Environment = work.Environment,
        Vcpus = work.Vcpus,
        Size = work.Size,
        Nodes = work.Nodes,
        DependsOn = work.DependsOn,
        Exits = work.Exits,
        ExitOnTerm = work.ExitOnTerm,
    };

    private static JsonObject Request(Work work, List<object> dependsOn)
    {
        var request = JsonSerializer.SerializeToNode(new
        {
            jobName = work.Key,
            jobQueue = work.Environment,
            jobDefinition = work.Nodes is { } nodes ? $"{work.Environment}-{nodes}" : work.Environment,
            parameters = new
            {
                seconds = work.Seconds.ToString(CultureInfo.InvariantCulture),
                exits = string.Join(',', work.Exits),
                term = work.ExitOnTerm?.ToString(CultureInfo.InvariantCulture) ?? "ignore",
            },
            retryStrategy = new { attempts = work.Attempts },
            dependsOn,
        }, JsonSerializerOptions.Web)!.AsObject();
        if (work.Nodes is null)
        {
            request["containerOverrides"] = JsonSerializer.SerializeToNode(new { resourceRequirements = Resources(work.Vcpus) }, JsonSerializerOptions.Web);
        }

        if (work.Size is { } size)
        {
            request["arrayProperties"] = new JsonObject { ["size"] = size };
        }

        return request;
    }

    private static Resource[] Resources(int vcpus) => [new("VCPU", vcpus.ToString(CultureInfo.InvariantCulture)), new("MEMORY", "64")];

    private sealed record Resource(string Type, string Value);
}
