using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Client.Commands;

/// <summary><c>why</c>: why a job is where it is, or why it waits and what would help.</summary>
internal static class WhyCommand
{
    public static BatchCommand Create(CommandServices services)
    {
        var id = new Argument<string>("JOB_ID") { Description = "Id of a job." };
        var command = new BatchCommand(
            services,
            "why",
            "Tells why a job is on its host, or why it waits and what would help.",
            "why JOB_ID",
            "why JOB_ID -o json")
        {
            id,
        };
        return command.Does("explain the job", async context =>
        {
            // What does not exist is found out in the words of the other commands.
            var job = await JobReading.OneAsync(context.Client, context.Get(id)!, context.Interrupted);
            var explanation = await context.Client.ExplainPlacementAsync(job.JobId, context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(explanation, BatchJson.Default.PlacementExplanation);
            }
            else
            {
                Write(context.Terminal, explanation);
            }

            return ExitCodes.Done;
        });
    }

    private static void Write(Terminal terminal, PlacementExplanation explanation)
    {
        terminal.Out.WriteLine($"{explanation.Status}. {explanation.Explanation}");
        foreach (var environment in explanation.Environments)
        {
            terminal.Out.WriteLine($"{environment.ComputeEnvironment}: {environment.Reason}");
            foreach (var help in environment.WouldHelp)
            {
                terminal.Out.WriteLine($"  would help: {help}");
            }
        }
    }
}
