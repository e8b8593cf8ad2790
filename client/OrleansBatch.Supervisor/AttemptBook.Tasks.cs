using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>What the book does with attempts of several containers. All of it under the gate.</summary>
/// <remarks>Each container has a control group of its own, with its own limits: the task has the sum of them.</remarks>
internal sealed partial class AttemptBook
{
    /// <summary>Those that are not over.</summary>
    private readonly HashSet<Attempt> _tasks = [];

    private void BeginTask(Attempt task)
    {
        task.Stage = AttemptStage.Starting;
        _tasks.Add(task);
        Advance(task);
    }

    /// <summary>Does what is to be done next, whatever has happened to one of its containers.</summary>
    private void Advance(Attempt task)
    {
        if (task is { Stopping: StopCause.None, Verdict: null })
        {
            var step = ContainerPlan.Next(StatesOf(task));
            foreach (var (index, reason) in step.GivenUp)
            {
                GiveUp(task.Containers[index], reason);
            }

            if (step.Verdict is null)
            {
                Start([.. step.Starts.Select(index => task.Containers[index])]);
                return;
            }

            task.Verdict = step.Verdict;
            StopContainers(task, StopCause.Ordered);
        }

        EndIfOver(task);
    }

    private void Start(TaskContainer[] containers)
    {
        Array.ForEach(containers, container => container.IsQueued = true);
        _queue.Add(containers);
    }

    private void GiveUp(TaskContainer container, string? reason)
    {
        container.GiveUp(reason);
        _clerk.Take(new() { Record = container.ToRecord(JournalKind.Ended) });
    }

    /// <summary>A container's process is up: with the first essential one the attempt runs.</summary>
    private void BeUp(TaskContainer container)
    {
        var task = container.Task;
        task.Unlimited ??= container.Unlimited;
        if (container.StartTimeout is { } wait)
        {
            container.LateAt = After(wait);
        }

        if (container.IsEssential && task.StartedAt is null)
        {
            task.Stage = AttemptStage.Running;
            task.StartedAt = container.StartedAt;
            _clerk.Take(new() { Record = task.ToRecord(JournalKind.Started), Fact = task.ToFact() });
            if (task is { Stopping: StopCause.None, Verdict: null, Timeout: { } timeout })
            {
                task.Deadline = After(timeout);
            }
        }

        Advance(task);
    }

    /// <summary>The first cause stays; what has come to its end by itself is only waited for.</summary>
    private void StopTask(Attempt task, StopCause cause)
    {
        if (task is { Stage: AttemptStage.Starting or AttemptStage.Running, Stopping: StopCause.None, Verdict: null })
        {
            task.Stopping = cause;
            StopContainers(task, cause);
            EndIfOver(task);
        }
    }

    private void StopContainers(Attempt task, StopCause cause)
    {
        task.Deadline = long.MaxValue;
        foreach (var container in task.Containers)
        {
            if (container.Stage == AttemptStage.Accepted)
            {
                GiveUp(container, reason: null);
            }
            else
            {
                BeginStop(container, cause);
            }
        }
    }

    private void EndIfOver(Attempt task)
    {
        if (!_tasks.Contains(task) || Array.Exists(task.Containers, container => container.Stage != AttemptStage.Ended))
        {
            return;
        }

        _tasks.Remove(task);
        var (end, exitCode, reason) = ContainerPlan.Outcome(StatesOf(task), task.Stopping, task.Verdict, task.StartedAt is not null);
        task.PeakMemory = Sum(task.Containers, container => container.PeakMemory);
        task.CpuTime = Sum(task.Containers, container => container.CpuTime);
        End(task, end, exitCode, reason);
    }

    /// <summary>Stops those that have run too long, and sees who has been waited for too long.</summary>
    private void LookAtTasks(long now)
    {
        foreach (var task in _tasks.ToArray())
        {
            if (task.Deadline <= now)
            {
                StopTask(task, StopCause.TimedOut);
                continue;
            }

            var late = Array.FindAll(task.Containers, container => container.LateAt <= now);
            if (late.Length > 0)
            {
                Array.ForEach(late, container => (container.LateAt, container.IsLate) = (long.MaxValue, true));
                Advance(task);
            }
        }
    }

    private static ContainerState[] StatesOf(Attempt task) => Array.ConvertAll(task.Containers, container => container.ToState());

    /// <summary>Null when nothing is known of any.</summary>
    private static long? Sum(TaskContainer[] containers, Func<TaskContainer, long?> number) =>
        containers.Select(number).Aggregate((sum, next) => sum is null ? next : sum + (next ?? 0));
}
