using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Load;
using OrleansBatch.Chaos.Machine;
using OrleansBatch.Chaos.Members;
using OrleansBatch.Chaos.Witnesses;

namespace OrleansBatch.Chaos;

/// <summary>Waits at the end until nothing moves any more, and then writes down all that the API says.</summary>
internal sealed class Collector(Caller caller, HistoryRecorder recorder, LifeWatch lives, Action<string> tell)
{
    private static readonly string[] Statuses = ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED"];
    private static readonly string[] OpenStatuses = Statuses[..5];
    private static readonly string[] Environments = [Topology.Environment, Topology.NodesEnvironment];
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>Waits until all jobs have ended, no process of any lives, and nothing is in use.</summary>
    public async Task QuietAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var until = BootClock.Now + (patience.Ticks * 100);
        string? open;
        Dictionary<string, double> inUse = [];
        do
        {
            await Task.Delay(BetweenLooks, cancellationToken);
            open = null;
            foreach (var name in Environments)
            {
                inUse[name] = await InUseAsync(name, cancellationToken);
                open ??= inUse[name] == 0 ? null : FormattableString.Invariant($"{inUse[name]} vCPUs of {name} are in use");
            }

            open = await OpenAsync(cancellationToken) ?? (lives.Open is [var process, ..] ? $"process {process.Pid} of {process.JobId} lives" : null) ?? open;
        }
        while (open is not null && BootClock.Now < until);

        recorder.Add(new QuietReached
        {
            At = BootClock.Now,
            VcpusInUse = inUse,
            Alive = [.. lives.Open.Select(process => process.Pid)],
            GaveUp = open is null ? null : $"after {patience}: {open}",
        });
    }

    /// <summary>Writes down what listings, rows and events say.</summary>
    public async Task CollectAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, JsonObject> jobs = [];
        foreach (var (queue, status) in Environments.SelectMany(queue => Statuses.Select(status => (queue, status))))
        {
            await foreach (var job in ListAsync(new JsonObject { ["jobQueue"] = queue, ["jobStatus"] = status, ["maxResults"] = 1000 }, cancellationToken))
            {
                recorder.Add(new JobListed { At = BootClock.Now, JobId = (string)job["jobId"]!, JobName = (string)job["jobName"]! });
                jobs[(string)job["jobId"]!] = job;
            }
        }

        var ids = jobs.Keys.Concat(recorder.Entries.OfType<CallAnswered>().Select(answer => answer.JobId).OfType<string>())
            .Concat(recorder.Entries.OfType<ProcessStarted>().Select(process => process.JobId)).Distinct().ToList();
        var rows = await DescribeAsync(ids, cancellationToken);
        var children = rows.SelectMany(row => PartsOf(row, "arrayProperties", "size", ':').Concat(PartsOf(row, "nodeProperties", "numNodes", '#'))).Except(ids).ToList();
        rows = [.. rows, .. await DescribeAsync(children, cancellationToken)];
        tell($"{rows.Count} jobs and children at the end; reading their events");
        foreach (var row in rows)
        {
            recorder.Add(new JobRow { At = BootClock.Now, Row = JsonSerializer.SerializeToElement(row) });
        }

        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, async (row, token) => await EventsAsync((string)row["jobId"]!, token));
    }

    private async Task<string?> OpenAsync(CancellationToken cancellationToken)
    {
        // A job moves on in this order only: who sees none in each, one after the other, sees the end.
        for (var round = 0; round < 2; round++)
        {
            foreach (var (queue, status) in Environments.SelectMany(queue => OpenStatuses.Select(status => (queue, status))))
            {
                var page = await caller.ReadAsync("ListJobs", new { jobQueue = queue, jobStatus = status, maxResults = 1 }, cancellationToken);
                if (page["jobSummaryList"]!.AsArray() is [{ } job, ..])
                {
                    return $"{(string)job["jobId"]!} is {status}";
                }
            }
        }

        return null;
    }

    /// <summary>An array's children, or the nodes of a multi-node job.</summary>
    private static IEnumerable<string> PartsOf(JsonObject row, string of, string count, char mark)
    {
        var jobId = (string)row["jobId"]!;
        return row[of]?[count] is { } parts && !jobId.Contains(mark, StringComparison.Ordinal) ? Enumerable.Range(0, (int)parts).Select(index => $"{jobId}{mark}{index}") : [];
    }

    private async Task<double> InUseAsync(string environment, CancellationToken cancellationToken)
    {
        double sum = 0;
        for (string? next = null; ;)
        {
            var page = await caller.GetAsync($"/api/compute-environments/{environment}/hosts?history=false{(next is null ? "" : $"&nextToken={Uri.EscapeDataString(next)}")}", cancellationToken);
            sum += page["hosts"]!.AsArray().Sum(host => (double)host!["usedVcpus"]!);
            next = (string?)page["nextToken"];
            if (next is null)
            {
                return sum;
            }
        }
    }

    private async IAsyncEnumerable<JsonObject> ListAsync(JsonObject request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await caller.ReadAsync("ListJobs", request, cancellationToken);
            foreach (var job in page["jobSummaryList"]!.AsArray())
            {
                yield return job!.AsObject();
            }

            request["nextToken"] = (string?)page["nextToken"];
        }
        while (request["nextToken"] is not null);
    }

    private async Task<List<JsonObject>> DescribeAsync(List<string> ids, CancellationToken cancellationToken)
    {
        List<JsonObject> jobs = [];
        foreach (var chunk in ids.Chunk(100))
        {
            jobs.AddRange((await caller.ReadAsync("DescribeJobs", new { jobs = chunk }, cancellationToken))["jobs"]!.AsArray().Select(job => job!.AsObject()));
        }

        return jobs;
    }

    private async Task EventsAsync(string jobId, CancellationToken cancellationToken)
    {
        for (string? after = null; ;)
        {
            var page = await caller.GetAsync($"/api/jobs/{Uri.EscapeDataString(jobId)}/events{(after is null ? "" : $"?after={Uri.EscapeDataString(after)}")}", cancellationToken);
            var events = page["events"]!.AsArray();
            foreach (var each in events)
            {
                recorder.Add(new JobEvent { At = BootClock.Now, Event = JsonSerializer.SerializeToElement(each) });
            }

            after = (string?)page["nextCursor"];
            if (events.Count == 0 || after is null)
            {
                return;
            }
        }
    }
}
