using System.Globalization;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Simulation.Properties;

namespace OrleansBatch.Simulation;

/// <summary>Those who submit and end jobs, and remember what they were answered.</summary>
internal sealed class Client(World world)
{
    private readonly List<SubmitJobRequest> _requests = [];
    private int _ends;

    public Dictionary<string, string> Answers { get; } = new(StringComparer.Ordinal);

    public void Submit(Command.Submit command)
    {
        var dependsOn = command.DependsOn.Select(entry => Find(entry, command.Size)).OfType<JobDependency>().ToList();
        _requests.Add(new()
        {
            JobName = $"job-{_requests.Count}",
            JobQueue = $"queue-{command.Queue % 2}",
            JobDefinition = "work:1",
            ArrayProperties = command.Size < 2 ? null : new() { Size = command.Size },
            DependsOn = dependsOn,
            RetryStrategy = new() { Attempts = command.Attempts },
            Timeout = command.HasTimeout ? new() { AttemptDurationSeconds = 60 } : null,
            ConsumableResourcePropertiesOverride = Consumables.Of(command) is { Count: > 0 } needs
                ? new() { ConsumableResourceList = [.. needs.Select(need => new ConsumableResourceRequirement { ConsumableResource = need.ResourceName, Quantity = need.Quantity })] }
                : null,
            ContainerOverrides = new()
            {
                ResourceRequirements = [new ResourceRequirement { Type = "VCPU", Value = command.Vcpus.ToString(CultureInfo.InvariantCulture) }],
            },
        });
        SubmitAgain(_requests.Count - 1);
    }

    public void SubmitAgain(int call)
    {
        if (_requests.Count > 0)
        {
            var request = _requests[call % _requests.Count];
            world.Begin(async () =>
            {
                if (await world.Silo!.Door.SubmitAsync(request, request.JobName!) is { } jobId)
                {
                    Acknowledged(request.JobName!, jobId);
                }
            });
        }
    }

    public void Acknowledged(string invocation, string jobId)
    {
        if (!Answers.TryAdd(invocation, jobId) && Answers[invocation] != jobId)
        {
            world.Watch.Violate(Property.AcknowledgedIsKept, $"{invocation} was answered with {Answers[invocation]} and with {jobId}");
        }
    }

    public void End(string jobId, bool isTerminate)
    {
        var reason = $"{(isTerminate ? "terminate" : "cancel")} {++_ends}";
        world.Begin(async () =>
        {
            if (world.Bug == PlantedBug.CancelAnsweredTooEarly)
            {
                world.Watch.EndAcknowledged(jobId);
            }

            await (isTerminate ? world.Silo!.Door.TerminateAsync(jobId, reason) : world.Silo!.Door.CancelAsync(jobId, reason));
            world.Watch.EndAcknowledged(jobId);
        });
    }

    private JobDependency? Find(DependencyOn entry, int size)
    {
        if (entry.Kind == DependencyKind.Sequence)
        {
            return size < 2 ? null : new() { Type = "SEQUENTIAL" };
        }

        var jobs = world.Store.Jobs.Where(job => entry.Kind switch
        {
            DependencyKind.EachToEach => size > 1 && job.Spec.ArraySize == size,
            DependencyKind.Child => job.Spec.ArraySize is not null,
            _ => true,
        }).ToList();
        if (jobs.Count == 0)
        {
            return null;
        }

        var job = jobs[^(1 + (entry.Job % jobs.Count))];
        return entry.Kind switch
        {
            DependencyKind.EachToEach => new() { JobId = job.JobId, Type = "N_TO_N" },
            DependencyKind.Child => new() { JobId = JobPartIds.Child(job.JobId, entry.Job % job.Spec.ArraySize!.Value) },
            _ => new() { JobId = job.JobId },
        };
    }
}
