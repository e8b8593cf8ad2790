using CsCheck;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Any series of steps has the outcomes and leaves the rows that the contract says.</summary>
public abstract class JobStoreModelConformance : JobStoreConformance
{
    private const int Ids = 6;

    private static readonly JobState[] AllStates =
    [
        AJob.In(JobStatus.Submitted),
        AJob.In(JobStatus.Pending),
        AJob.Waiting,
        AJob.Waiting with { StatusReason = "MISCONFIGURATION" },
        AJob.WaitingAgain,
        AJob.Placed(JobStatus.Starting, "one"),
        AJob.Placed(JobStatus.Running, "two"),
        AJob.In(JobStatus.Succeeded),
        AJob.In(JobStatus.Failed),
    ];

    private static readonly Gen<JobState> States = Gen.Int[0, AllStates.Length - 1].Select(index => AllStates[index]);

    private static readonly Gen<Act> Acts = Gen.Frequency(
        (4, Gen.Select(Gen.Int[0, Ids - 1], Gen.Int[0, 3], Gen.Int[0, 3], States, Gen.Int[1, 2], (id, look, time, state, count) =>
            (Act)new Act.Insert(id, look, time, state, count))),
        (8, Gen.Select(Gen.Int[0, Ids - 1], Gen.Int[-1, 3], States, Gen.Int[1, 2], (id, versionOff, state, count) =>
            (Act)new Act.Write(id, versionOff > 0 ? 0 : versionOff, state, count))),
        (1, Gen.Select(Gen.Int[0, 2], Gen.Int[0, Ids - 1], States, (call, id, state) => (Act)new Act.Call(call, id, state))),
        (1, Gen.Const((Act)new Act.TakeEpoch())),
        (1, Gen.Select(Gen.Int[0, Ids - 1], Gen.Int[0, 2], States, (id, epoch, state) => (Act)new Act.Guarded(id, epoch, state))));

    private static readonly JobFilter[] Filters =
    [
        .. Enum.GetValues<JobStatus>().Select(status => new JobFilter.InStatus(status)),
        new JobFilter.Named("ALPHA", IsPrefix: false),
        new JobFilter.Named("al", IsPrefix: true),
        new JobFilter.Named("", IsPrefix: true),
        new JobFilter.OfDefinition("shell", null, IsPrefix: false),
        new JobFilter.OfDefinition("shell", 2, IsPrefix: false),
        new JobFilter.OfDefinition("sh", null, IsPrefix: true),
        new JobFilter.CreatedBefore(AJob.Noon.AddMilliseconds(2)),
        new JobFilter.CreatedAfter(AJob.Noon.AddMilliseconds(1)),
    ];

    private int _samples;

    /// <summary>What is done beside the steps, to disturb them.</summary>
    protected virtual Task DisturbAsync(int step) => Task.CompletedTask;

    [Fact]
    public async Task Any_series_of_steps_answers_as_the_model() =>
        await Acts.Array[1, 25].SampleAsync(async acts => await Run(acts, isBurst: false), iter: 30, threads: 1);

    [Fact]
    public async Task Any_burst_of_steps_answers_as_the_model() =>
        await Acts.Array[1, 25].SampleAsync(async acts => await Run(acts, isBurst: true), iter: 30, threads: 1);

    private async Task Run(Act[] acts, bool isBurst)
    {
        // Each sample has a scope of its own: one store serves all.
        var sample = new Sample(++_samples);
        var model = new JobStoreModel();
        var hold = isBurst ? await Store.OccupyAsync() : null;
        List<Func<Task>> checks = [];
        for (var index = 0; index < acts.Length; index++)
        {
            await DisturbAsync(index);
            var check = Begin(sample, model, acts[index]);
            checks.Add(check);
            if (!isBurst)
            {
                await check();
            }
        }

        if (hold is not null)
        {
            await hold.DisposeAsync();
            foreach (var check in checks)
            {
                await check();
            }
        }

        await CompareAsync(sample, model);
    }

    /// <summary>Sends the act and returns what awaits and compares its answer.</summary>
    private Func<Task> Begin(Sample sample, JobStoreModel model, Act act)
    {
        if (act is Act.TakeEpoch)
        {
            var expectedEpoch = model.TakeEpoch(sample.EpochKey);
            var taken = Jobs.TakeEpochAsync(sample.EpochKey, Token);
            return async () => Assert.Equal(expectedEpoch, await taken);
        }

        var step = sample.ToStep(act, model);
        var expected = model.Commit(step);
        var answer = CommitAsync(step);
        return async () =>
        {
            var actual = await answer;
            Assert.Equal((expected.Outcome, expected.RecordedAnswer), (actual.Outcome, actual.RecordedAnswer));
            Assert.Equal(expected.Sequences.Length, actual.Sequences.Length);
            sample.Sequences.AddRange(expected.Sequences.Zip(actual.Sequences));
        };
    }

    private async Task CompareAsync(Sample sample, JobStoreModel model)
    {
        // The model's sequences and the store's have one order.
        Assert.Equal(sample.Sequences.OrderBy(pair => pair.First).Select(pair => pair.Second), sample.Sequences.Select(pair => pair.Second).Order());
        var sequences = sample.Sequences.ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var id in Enumerable.Range(0, Ids + 1).Select(sample.JobId))
        {
            var expected = model.Jobs.TryGetValue(id, out var job) ? job with { Sequence = sequences[job.Sequence] } : null;
            Same.As(expected, await Jobs.ReadAsync(id, Token));
            Same.As(expected, (await Jobs.ReadManyAsync(sample.Scope, [id], Token)).SingleOrDefault());
        }

        for (var call = 0; call <= 2; call++)
        {
            Assert.Equal(model.Answer(sample.CallKey(call)), await Jobs.ReadInvocationAsync(sample.CallKey(call), Token));
        }

        await CompareQueueAsync(model, sample.Queue);
    }

    private async Task CompareQueueAsync(JobStoreModel model, ScopedName queue)
    {
        foreach (var filter in Filters)
        {
            Assert.Equal(model.List(queue, filter), await ListAsync(filter, limit: 2, queue));
        }

        Assert.Equal(model.Runnable(queue), (await Jobs.ReadRunnableAsync(queue, null, 100, Token)).Select(job => job.JobId));
        Assert.Equal(model.Open(queue), (await Jobs.ReadOpenAsync(queue, 0, 100, Token)).Select(job => job.JobId));
        var work = await Jobs.ReadUnfinishedWorkAsync(Token);
        Assert.Equal(model.Runnable(queue).Any(), work.Queues.Contains(queue));
        foreach (var environment in new[] { "one", "two" }.Select(name => new ScopedName(queue.Scope, name)))
        {
            var placed = (await Jobs.ReadPlacedInEnvironmentAsync(environment, Token)).Select(job => job.JobId);
            Assert.Equal(model.PlacedIn(environment).Order(), placed.Order());
            Assert.Equal(model.PlacedIn(environment).Any(), work.Environments.Contains(environment));
        }
    }

    /// <summary>One thing that is done; ids are small numbers, so that they meet.</summary>
    private abstract record Act
    {
        public sealed record Insert(int Id, int Look, int Time, JobState State, int Count) : Act;

        public sealed record Write(int Id, int VersionOff, JobState State, int Count) : Act;

        public sealed record Call(int Key, int Id, JobState State) : Act;

        public sealed record Guarded(int Id, int Epoch, JobState State) : Act;

        public sealed record TakeEpoch : Act;
    }

    private sealed class Sample(int number)
    {
        private static readonly (string Name, string Definition, int Revision)[] Looks =
            [("alpha", "shell", 1), ("Alpha", "shell", 2), ("alp", "sh", 1), ("beta", "Shell", 1)];

        public Scope Scope { get; } = new($"{number:000000000000}", "us-east-1");

        public ScopedName Queue => new(Scope, "default");

        public string EpochKey => $"{Scope.Key}/epoch";

        public List<(long First, long Second)> Sequences { get; } = [];

        public string JobId(int id) => $"{number}-{id}";

        public string CallKey(int call) => $"{Scope.Key}/{call}";

        public JobStep ToStep(Act act, JobStoreModel model) => act switch
        {
            Act.Insert insert => new()
            {
                Inserts = [.. Enumerable.Range(insert.Id, insert.Count).Select(id => New(id, insert.Look, insert.Time, insert.State))],
            },
            Act.Write write => new()
            {
                Writes = [.. Enumerable.Range(write.Id, write.Count).Select(id => new JobWrite(JobId(id), Version(model, id) + write.VersionOff, write.State))],
            },
            Act.Call call => new()
            {
                Inserts = [New(call.Id, 0, 0, call.State)],
                Invocation = new(CallKey(call.Key), $"answer {call.Id}", AJob.Noon),
            },
            Act.Guarded guarded => new()
            {
                Writes = [new(JobId(guarded.Id), Version(model, guarded.Id), guarded.State)],
                Epoch = new(EpochKey, guarded.Epoch),
            },
            _ => throw new ArgumentOutOfRangeException(nameof(act)),
        };

        private long Version(JobStoreModel model, int id) => model.Jobs.GetValueOrDefault(JobId(id))?.Version ?? 1;

        private NewJob New(int id, int look, int time, JobState state) => AJob.New(
            JobId(id),
            state,
            Scope,
            name: Looks[look].Name,
            definition: Looks[look].Definition,
            revision: Looks[look].Revision,
            createdAfterMilliseconds: time);
    }
}
