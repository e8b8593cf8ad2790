using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;

namespace OrleansBatch.Client.Commands;

/// <summary><c>variables</c>: what the operator puts into the environment of all jobs of a queue or compute environment.</summary>
internal static class VariablesCommand
{
    /// <param name="services">What commands use.</param>
    /// <param name="noun">The command above, such as <c>queues</c>.</param>
    /// <param name="one">What one of them is called.</param>
    /// <param name="read">Asks for the names.</param>
    /// <param name="replace">Replaces all.</param>
    public static BatchCommand Create(
        CommandServices services,
        string noun,
        string one,
        Func<IBatchClient, string, CancellationToken, Task<JobEnvironmentNames>> read,
        Func<IBatchClient, SetJobEnvironmentRequest, CancellationToken, Task<JobEnvironmentNames>> replace)
    {
        var name = new Argument<string>("NAME") { Description = $"Name or ARN of the {one}." };
        var set = new Option<string[]>("--set") { Description = "A variable; may be given often. Those not given are taken away.", HelpName = "NAME=VALUE" };
        var clear = new Option<bool>("--clear") { Description = "Take all away." };
        var command = new BatchCommand(
            services,
            "variables",
            $"""
            Shows or replaces the variables that all jobs of a {one} get, below their own: credentials, endpoints of stores.
            Only names are shown: values are never given back.
            """,
            $"{noun} variables default",
            $"{noun} variables default --set AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000 --set STAGE=test",
            $"{noun} variables default --clear")
        {
            name, set, clear,
        };
        return command.Does($"set the variables of the {one}", async context =>
        {
            var variables = Pairs.Map("--set", context.Get(set));
            if (variables is not null && context.Get(clear))
            {
                throw new UsageException("--set and --clear cannot both be given.");
            }

            variables ??= context.Get(clear) ? new Dictionary<string, string>() : null;
            var names = variables is null
                ? await read(context.Client, context.Get(name)!, context.Interrupted)
                : await replace(context.Client, new() { Name = context.Get(name), Variables = variables }, context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(names, BatchJson.Default.JobEnvironmentNames);
                return ExitCodes.Done;
            }

            foreach (var each in names.Names)
            {
                context.Terminal.Out.WriteLine(each);
            }

            return ExitCodes.Done;
        });
    }
}
