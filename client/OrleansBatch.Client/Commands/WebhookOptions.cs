using System.CommandLine;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Client.Commands;

/// <summary>What a webhook can be given on the command line.</summary>
internal sealed class WebhookOptions
{
    private readonly Option<string?> _url = new("--url") { Description = "Where events are sent: http or https.", HelpName = "URL" };
    private readonly Option<string?> _state = new("--state") { Description = "ENABLED, or DISABLED: events wait." };
    private readonly Option<string[]> _status = new("--status") { Description = "Only events that tell of this status; may be given often." };
    private readonly Option<string[]> _queue = new("--queue", "-q") { Description = "Only events of jobs in this queue; may be given often.", HelpName = "NAME" };
    private readonly Option<string[]> _type = new("--type") { Description = "Only events with this detail-type; may be given often." };
    private readonly Option<int?> _retries = new("--retries") { Description = "How often an event is sent again, 0 to 185. At first 10.", HelpName = "N" };

    private readonly Option<FileInfo?> _secret = new("--secret-file")
    {
        Description = "A file whose text, without spaces around it, signs each request; an empty one takes the signature away.",
        HelpName = "FILE",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(BatchCommand command)
    {
        foreach (var option in new Option[] { _url, _state, _status, _queue, _type, _retries, _secret })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The request that they make.</summary>
    public async Task<WebhookRequest> RequestOfAsync(CommandContext context, string name) => new()
    {
        Name = name,
        Url = context.Get(_url),
        State = context.Get(_state),
        Statuses = Given(context.Get(_status)),
        JobQueues = Given(context.Get(_queue)),
        DetailTypes = Given(context.Get(_type)),
        MaximumRetryAttempts = context.Get(_retries),
        Secret = await SecretOfAsync(context),
    };

    private async Task<string?> SecretOfAsync(CommandContext context)
    {
        if (context.Get(_secret) is not { } file)
        {
            return null;
        }

        try
        {
            return (await File.ReadAllTextAsync(file.FullName, context.Interrupted)).Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new Output.UsageException($"--secret-file: {failure.Message}");
        }
    }

    private static string[]? Given(string[]? values) => values is { Length: > 0 } ? values : null;
}
