using System.ComponentModel.DataAnnotations;

namespace OrleansBatch.Silo.Options;

/// <summary>Checks the settings before anything is touched.</summary>
internal static class OptionsCheck
{
    /// <exception cref="StartException">A setting is wrong; the message names it, its value and what is allowed.</exception>
    public static void Check(BatchOptions options)
    {
        List<ValidationResult> wrong = [];
        if (!Validator.TryValidateObject(options, new(options), wrong, validateAllProperties: true))
        {
            throw new StartException(string.Join(' ', wrong.Select(result => Describe(options, result))));
        }

        if (options is { IsCluster: true, Gpus: { } gpus })
        {
            throw new StartException($"Gpus is for a silo that runs jobs itself, and one of a cluster does not: give --gpus to its agents. It is '{gpus}'.");
        }
    }

    private static string Describe(BatchOptions options, ValidationResult result)
    {
        var name = result.MemberNames.First();
        return $"{result.ErrorMessage} It is '{typeof(BatchOptions).GetProperty(name)?.GetValue(options)}'.";
    }
}
