using OrleansBatch.Client.Output;
using OrleansBatch.Model;

namespace OrleansBatch.Client.Commands;

/// <summary><c>submit</c>: hands a job in and leaves.</summary>
internal static class SubmitCommand
{
    public static BatchCommand Create(CommandServices services)
    {
        var job = new JobOptions();
        var command = new BatchCommand(
            services,
            "submit",
            "Submits a job and prints its id.",
            "submit -- make -j4",
            "submit --queue default --definition shell --parameter command='echo hello'",
            "submit --vcpus 2 --memory 512 --attempts 3 --env LEVEL=5 -- ./simulate",
            "submit --array-size 100 -- sh -c './render frame-$AWS_BATCH_JOB_ARRAY_INDEX'",
            "submit --depends-on JOB_ID -- ./report",
            "submit --array-size 100 --depends-on ARRAY_ID:each -- ./check",
            "submit --array-size 12 --depends-on previous -- ./month",
            "submit --from request.json -o json");
        job.AddTo(command);
        return command.Does("submit the job", async context =>
        {
            var answer = await context.Client.SubmitJobAsync(await job.RequestAsync(context), context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(answer, BatchJson.Default.SubmitJobResponse);
            }
            else
            {
                // The id alone, so that a script can take it as it is.
                await context.Terminal.Out.WriteLineAsync(answer.JobId);
            }

            return ExitCodes.Done;
        });
    }
}
