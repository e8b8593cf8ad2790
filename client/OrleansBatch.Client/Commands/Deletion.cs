using OrleansBatch.Client.Output;
using OrleansBatch.Model;

namespace OrleansBatch.Client.Commands;

/// <summary>Deletes named things as a person expects: what is not there is an error, and with force what stands in the way is done first.</summary>
internal static class Deletion
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Deletes each of the names.</summary>
    /// <param name="context">The command.</param>
    /// <param name="names">Names or ARNs.</param>
    /// <param name="isForced">Whether to disable first and to wait until it is gone.</param>
    /// <param name="exists">Whether one of the name is there.</param>
    /// <param name="disable">Disables it.</param>
    /// <param name="delete">Deletes it.</param>
    /// <param name="missing">What to say of one that is not there.</param>
    public static async Task<int> RunAsync(
        CommandContext context,
        string[] names,
        bool isForced,
        Func<string, Task<bool>> exists,
        Func<string, Task> disable,
        Func<string, Task> delete,
        Func<string, NotFoundException> missing)
    {
        foreach (var name in names)
        {
            // The scheduler takes unknown names without a word, as AWS does.
            if (!await exists(name))
            {
                throw missing(name);
            }

            if (isForced)
            {
                await disable(name);
            }

            await delete(name);
            if (isForced)
            {
                await UntilGoneAsync(context, () => exists(name));
            }
        }

        Answer(context, names, "deleted");
        return ExitCodes.Done;
    }

    /// <summary>Says what was done; in JSON the empty answer that AWS gives.</summary>
    public static void Answer(CommandContext context, string[] names, string done)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(EmptyAnswer.Instance, BatchJson.Default.EmptyAnswer);
            return;
        }

        foreach (var name in names)
        {
            context.Terminal.Out.WriteLine($"{done} {name}");
        }
    }

    private static async Task UntilGoneAsync(CommandContext context, Func<Task<bool>> exists)
    {
        var pause = new Pause(ShortestPause, LongestPause, context.Terminal.Time);
        while (await exists())
        {
            await pause.TakeAsync(hadNews: false, context.Interrupted);
        }
    }
}
