using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Nodes;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Events;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.GrainInterfaces.Tags;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Grains.ComputeEnvironments;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Grains.Webhooks;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Storage.Sqlite;

namespace OrleansBatch.Grains.Tests;

/// <summary>A scheduler of one silo, or several, with a real store and agents that start nothing.</summary>
internal sealed class Batch : IAsyncDisposable
{
    public static readonly Scope Scope = new("123456789012", "us-east-1");

    /// <summary>Types <c>machine.1</c>, <c>machine.2</c> and so on, each as many vCPUs and ample memory: an environment of one is one host.</summary>
    public static readonly InstanceCatalogue Machines = new(
        Enumerable.Range(1, 10_000).Select(vcpus => InstanceType.OfMachine($"machine.{vcpus}", new() { VcpuMillis = vcpus * 1_000L, MemoryMiB = 1_000_000 }) with
        {
            UsdPerHour = vcpus,
            SpotUsdPerHour = vcpus / 2m,
        }),
        new Dictionary<string, ImmutableArray<string>>(),
        new(1, 0.1m, 50));

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly InProcessTestCluster _cluster;

    private readonly SqliteDatabase? _shared;

    private Batch(InProcessTestCluster cluster, FakeAgent agent, FakeTimeProvider clock, FakeTimeProvider networkClock, SqliteDatabase? shared)
    {
        _shared = shared;
        NetworkClock = networkClock;
        _cluster = cluster;
        Agent = agent;
        Clock = clock;
    }

    public FakeAgent Agent { get; }

    public FakeTimeProvider Clock { get; }

    /// <summary>What times requests to webhooks: retries wait by <see cref="Clock"/>.</summary>
    public FakeTimeProvider NetworkClock { get; }

    public IGrainFactory Grains => _cluster.Client;

    public IJobsGrain Jobs => Grains.GetGrain<IJobsGrain>(Scope.Key);

    public IJobQueuesGrain Queues => Grains.GetGrain<IJobQueuesGrain>(Scope.Key);

    public IComputeEnvironmentsGrain Environments => Grains.GetGrain<IComputeEnvironmentsGrain>(Scope.Key);

    public IEventsGrain Events => Grains.GetGrain<IEventsGrain>(Scope.Key);

    public IWebhooksGrain Webhooks => Grains.GetGrain<IWebhooksGrain>(Scope.Key);

    public ITagsGrain Tags => Grains.GetGrain<ITagsGrain>(Scope.Key);

    public INodeGrain Node => NodeOf(Agent);

    public INodeGrain NodeOf(FakeAgent agent) => Grains.GetGrain<INodeGrain>(agent.NodeId);

    /// <summary>Starts on a database file: a new one, or one that an earlier scheduler left.</summary>
    /// <param name="databasePath">The file.</param>
    /// <param name="agent">The agent; null: a new one.</param>
    /// <param name="model">How capacity is modelled; null: at once, with machines of any size.</param>
    /// <param name="connects">Whether the agent introduces itself, with all that the rows say is there.</param>
    /// <param name="silos">How many silos; they share one store, as those of a cluster do.</param>
    /// <param name="holds">Where reads of jobs are held up; null: nowhere.</param>
    /// <param name="faults">What goes wrong with calls and commits; null: nothing.</param>
    /// <param name="filter">What comes between calls and grains; null: nothing.</param>
    /// <param name="beside">Another scheduler whose store and clock it shares, and neither knows of the other: each may be the one that was left behind.</param>
    public static async Task<Batch> StartAsync(string databasePath, FakeAgent? agent = null, CapacityModel? model = null, bool connects = true, short silos = 1, HookedStore.Holds? holds = null, Batch? beside = null, CallFaults? faults = null, IIncomingGrainCallFilter? filter = null)
    {
        filter ??= faults;
        holds ??= faults is null ? null : new() { Commit = faults.CommitAsync };
        agent ??= new();
        model ??= new() { Catalogue = Machines };
        var networkClock = new FakeTimeProvider();
        var clock = beside?.Clock ?? new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        var builder = new InProcessTestClusterBuilder(silos);
        var shared = silos == 1 ? null : SqliteDatabase.Open(databasePath, clock, NullLogger<SqliteDatabase>.Instance);
        var used = shared ?? beside?.Service<SqliteDatabase>();
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddSqliteStores(databasePath);
            silo.Services.AddSingleton(model);
            silo.Services.AddSingleton<IWebhookSender>(new HttpWebhookSender(networkClock));
            silo.Services.AddBatchGrains();
            silo.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            // Orleans' own loops stay on real time: Advance would spin them.
            silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            if (filter is not null)
            {
                silo.AddIncomingGrainCallFilter(filter);
            }

            if (holds is not null)
            {
                silo.Services.Replace(ServiceDescriptor.Singleton(provider => HookedStore.Of(new SqliteJobStore(provider.GetRequiredService<SqliteDatabase>()), holds)));
            }

            if (used is not null)
            {
                silo.Services.Replace(ServiceDescriptor.Singleton(used));
            }

            if (shared is not null)
            {
                silo.Services.Configure<ClusterMembershipOptions>(membership =>
                {
                    // A silo that is killed is to be noticed soon.
                    membership.ProbeTimeout = TimeSpan.FromMilliseconds(500);
                    membership.NumMissedProbesLimit = 2;
                    membership.NumVotesForDeathDeclaration = 1;
                    membership.TableRefreshTimeout = TimeSpan.FromSeconds(1);
                });
                silo.Services.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5));
            }
        });
        if (shared is not null)
        {
            // What a silo that is killed has not answered.
            builder.ConfigureClient(client => client.Services.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(5)));
        }

        var cluster = builder.Build();
        await cluster.DeployAsync();
        var batch = new Batch(cluster, agent, clock, networkClock, shared);
        if (connects)
        {
            var placed = await batch.Service<IJobStore>().ReadPlacedOnNodeAsync(agent.NodeId, CancellationToken.None);
            await batch.ConnectAsync(agent, placed.Select(job => new AttemptId(job.JobId, job.State.Fence)));
        }

        return batch;
    }

    public InProcessTestCluster Cluster => _cluster;

    /// <summary>An agent introduces itself, over a stream that ends in the first silo that lives.</summary>
    public Task<NodeWelcome> ConnectAsync(FakeAgent agent, params IEnumerable<AttemptId> attempts) => ConnectThroughAsync(0, agent, attempts);

    /// <summary>An agent introduces itself, over a stream that ends in this one of the silos that live.</summary>
    public async Task<NodeWelcome> ConnectThroughAsync(int silo, FakeAgent agent, params IEnumerable<AttemptId> attempts)
    {
        var grains = _cluster.GetActiveSilos().ElementAt(silo).ServiceProvider.GetRequiredService<IGrainFactory>();
        var welcome = await grains.GetGrain<INodeGrain>(agent.NodeId).Connect(
            agent.Hello(attempts), grains.CreateObjectReference<INodeConnection>(agent), CancellationToken.None);
        agent.Session = Math.Max(agent.Session, welcome.Session);
        return welcome;
    }

    public T Service<T>()
        where T : notnull => _cluster.GetActiveSilos().First().ServiceProvider.GetRequiredService<T>();

    public Keeper Keeper => Service<Keeper>();

    /// <summary>Those of all silos that live.</summary>
    public IEnumerable<Keeper> Keepers => _cluster.GetActiveSilos().Select(silo => silo.ServiceProvider.GetRequiredService<Keeper>());

    public IHostStore Hosts => Service<IHostStore>();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        if (_shared is not null)
        {
            await _shared.DisposeAsync();
        }
    }

    public Task<ComputeEnvironmentResponse> CreateEnvironmentAsync(string name, int maxvCpus, string type = "EC2", string? invocation = null, string[]? instanceTypes = null, int minvCpus = 0, string? strategy = null) => Environments.Create(
        new()
        {
            ComputeEnvironmentName = name,
            Type = "MANAGED",
            ComputeResources = new ComputeResource
            {
                Type = type,
                MaxvCpus = maxvCpus,
                MinvCpus = type is "EC2" or "SPOT" ? minvCpus : null,
                AllocationStrategy = strategy,
                InstanceTypes = type is "EC2" or "SPOT" ? instanceTypes ?? [$"machine.{maxvCpus}"] : null,
                InstanceRole = type is "EC2" or "SPOT" ? "ecsInstanceRole" : null,
                Subnets = ["subnet-1"],
                SecurityGroupIds = ["sg-1"],
            },
        },
        Called(invocation),
        CancellationToken.None);

    public Task CreateQueueAsync(string name, params string[] environments) => CreateQueueAsync(name, null, environments);

    public Task<Model.JobQueues.JobQueueResponse> CreateQueueAsync(string name, string? invocation, string[] environments) => Queues.Create(
        new()
        {
            JobQueueName = name,
            Priority = 1,
            ComputeEnvironmentOrder = [.. environments.Select((environment, i) => new Model.JobQueues.ComputeEnvironmentOrder { Order = i + 1, ComputeEnvironment = environment })],
        },
        Called(invocation),
        CancellationToken.None);

    public Task<Model.JobDefinitions.RegisterJobDefinitionResponse> RegisterAsync(string name, int vcpus = 1, string? invocation = null) => Grains.GetGrain<IJobDefinitionsGrain>(Scope.Key).Register(
        new()
        {
            JobDefinitionName = name,
            Type = "container",
            ContainerProperties = new()
            {
                Image = "host",
                Command = ["/bin/true"],
                ResourceRequirements = [new() { Type = "VCPU", Value = $"{vcpus}" }, new() { Type = "MEMORY", Value = "64" }],
            },
        },
        Called(invocation),
        CancellationToken.None);

    /// <summary>An UNMANAGED environment and a queue of one name; its hosts are the agents that serve it.</summary>
    public async Task<string> SetUpUnmanagedAsync(string? pool = null, int vcpus = 1)
    {
        var name = $"u-{Guid.NewGuid():N}";
        _ = await Environments.Create(
            new() { ComputeEnvironmentName = name, Type = "UNMANAGED", Tags = pool is null ? null : new Dictionary<string, string> { [NodePools.Tag] = pool } },
            null,
            CancellationToken.None);
        await CreateQueueAsync(name, name);
        await RegisterAsync(name, vcpus);
        return name;
    }

    /// <summary>A definition of jobs of one vCPU on Fargate.</summary>
    public Task<Model.JobDefinitions.RegisterJobDefinitionResponse> RegisterOnFargateAsync(string name) => Grains.GetGrain<IJobDefinitionsGrain>(Scope.Key).Register(
        new()
        {
            JobDefinitionName = name,
            Type = "container",
            PlatformCapabilities = ["FARGATE"],
            ContainerProperties = new()
            {
                Image = "host",
                Command = ["/bin/true"],
                ExecutionRoleArn = "arn:aws:iam::123456789012:role/r",
                ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "2048" }],
            },
        },
        null,
        CancellationToken.None);

    /// <summary>A definition of a multi-node job whose nodes need one vCPU each.</summary>
    public Task<Model.JobDefinitions.RegisterJobDefinitionResponse> RegisterNodesAsync(string name, int nodes, int main = 0) =>
        Grains.GetGrain<IJobDefinitionsGrain>(Scope.Key).Register(
            new()
            {
                JobDefinitionName = name,
                Type = "multinode",
                NodeProperties = new()
                {
                    NumNodes = nodes,
                    MainNode = main,
                    NodeRangeProperties =
                    [
                        new()
                        {
                            TargetNodes = "0:",
                            Container = new()
                            {
                                Image = "host",
                                Command = ["/bin/true"],
                                ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "64" }],
                            },
                        },
                    ],
                },
            },
            null,
            CancellationToken.None);

    /// <summary>A node's row.</summary>
    public async Task<NodeRow> NodeRowAsync(FakeAgent agent) => (await Service<INodeStore>().ReadAsync(agent.NodeId, CancellationToken.None))!;

    /// <summary>An environment's hosts, as they are now.</summary>
    public Task<ImmutableArray<HostDetail>> ReadHostsAsync(string environment) =>
        Grains.GetGrain<IComputeEnvironmentGrain>(new ScopedName(Scope, environment).Key).Hosts(CancellationToken.None);

    private static Invocation? Called(string? invocation) => invocation is null ? null : new() { Key = invocation };

    /// <summary>An environment, a queue and a definition, all of one name.</summary>
    public async Task<string> SetUpAsync(int maxvCpus, int vcpus = 1)
    {
        var name = $"t-{Guid.NewGuid():N}";
        await CreateEnvironmentAsync(name, maxvCpus);
        await CreateQueueAsync(name, name);
        await RegisterAsync(name, vcpus);
        return name;
    }

    public async Task<string> SubmitAsync(
        string queue,
        int attempts = 1,
        string? definition = null,
        string? invocation = null,
        int? size = null,
        params JobDependency[] dependsOn) => (await Jobs.Submit(
        new()
        {
            JobName = "job",
            JobQueue = queue,
            JobDefinition = definition ?? queue,
            RetryStrategy = new() { Attempts = attempts },
            ArrayProperties = size is null ? null : new() { Size = size },
            DependsOn = dependsOn,
        },
        Called(invocation),
        CancellationToken.None)).JobId;

    public async Task<JobDetail> DescribeAsync(string jobId) =>
        Assert.Single((await Jobs.Describe(new() { Jobs = [jobId] }, CancellationToken.None)).Jobs);

    /// <summary>A job's events: number, status and, where there is one, the reason.</summary>
    public async Task<List<string>> EventsAsync(string jobId) =>
    [
        .. (await Events.List(new() { JobId = jobId, MaxResults = 1_000 }, CancellationToken.None)).Events.Select(each =>
            $"{each.Detail.OrleansBatch!.SequenceNumber} {each.Detail.Status}{(each.Detail.StatusReason is { } reason ? $": {reason}" : "")}"),
    ];

    /// <summary>A job's status and reason.</summary>
    public async Task<string> StateAsync(string jobId)
    {
        var job = await DescribeAsync(jobId);
        return job.StatusReason is null ? job.Status : $"{job.Status}: {job.StatusReason}";
    }

    /// <summary>Waits for a job's status.</summary>
    public Task UntilAsync(string jobId, string status) => UntilAsync(async () => (await DescribeAsync(jobId)).Status == status);

    /// <summary>An array's children by status, those that are not zero.</summary>
    public async Task<string> SummaryAsync(string jobId) => string.Join(
        ' ', (await DescribeAsync(jobId)).ArrayProperties!.StatusSummary!.Where(pair => pair.Value > 0).Select(pair => $"{pair.Key} {pair.Value}"));

    /// <summary>Ids of an array's children in a status.</summary>
    public async Task<IEnumerable<string>> ChildrenAsync(string jobId, string status) =>
        (await Jobs.List(new() { ArrayJobId = jobId, JobStatus = status }, CancellationToken.None)).JobSummaryList.Select(job => job.JobId);

    /// <summary>Launches, starts and ends the next jobs of a queue with these exit codes.</summary>
    public async Task RunAsync(string queue, params int[] exitCodes)
    {
        foreach (var exitCode in exitCodes)
        {
            await ExitedAsync(await LaunchOfAsync(queue), exitCode);
        }
    }

    public Task CancelAsync(string jobId, string reason = "not needed") => Jobs.Cancel(new() { JobId = jobId, Reason = reason }, CancellationToken.None);

    public Task TerminateAsync(string jobId, string reason = "enough") => Jobs.Terminate(new() { JobId = jobId, Reason = reason }, CancellationToken.None);

    /// <summary>The next launch of a queue's jobs.</summary>
    public async Task<LaunchOrder> LaunchOfAsync(string queue) => await Agent.ForQueue(queue).Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>The next launch of a queue's jobs on this agent.</summary>
    public static async Task<LaunchOrder> LaunchOnAsync(FakeAgent agent, string queue) => await agent.ForQueue(queue).Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>The next launch of any of the queues' jobs.</summary>
    public async Task<LaunchOrder> LaunchOfAnyAsync(params string[] queues)
    {
        LaunchOrder? launch = null;
        await UntilAsync(() => Task.FromResult(queues.Any(queue => Agent.ForQueue(queue).Reader.TryRead(out launch))));
        return launch!;
    }

    /// <summary>Looks again and again: for what no event tells.</summary>
    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The next stop of a job.</summary>
    public async Task<StopOrder> StopOfAsync(string jobId) => await Agent.ForJob(jobId).Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public Task StartedAsync(LaunchOrder order, FakeAgent? by = null) => ReportAsync(order, AttemptOutcome.Started, null, by);

    public Task ExitedAsync(LaunchOrder order, int exitCode, FakeAgent? by = null) => ReportAsync(order, AttemptOutcome.Exited, exitCode, by);

    public async Task ReportAsync(LaunchOrder order, AttemptOutcome outcome, int? exitCode, FakeAgent? by = null)
    {
        var settled = await NodeOf(by ?? Agent).Report(
            (by ?? Agent).Incarnation,
            [
                new()
                {
                    Attempt = order.Attempt,
                    ReservationId = order.ReservationId,
                    EnvironmentKey = order.EnvironmentKey,
                    Outcome = outcome,
                    StartedAt = Clock.GetUtcNow(),
                    StoppedAt = outcome == AttemptOutcome.Started ? null : Clock.GetUtcNow(),
                    ExitCode = exitCode,
                },
            ],
            CancellationToken.None);
        Assert.Equal([order.Attempt], settled);
    }

    public async Task<ResourceNeeds> InUseAsync(string environment) =>
        (await Grains.GetGrain<IComputeEnvironmentGrain>(new ScopedName(Scope, environment).Key).Read(CancellationToken.None))!.InUse;

    /// <summary>Whether a queue's next launch is of this job: everything before it has been launched or is gone.</summary>
    public async Task LaunchesNextAsync(string queue, string jobId) => Assert.Equal(jobId, (await LaunchOfAsync(queue)).Attempt.JobId);
}
