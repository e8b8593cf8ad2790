using OrleansBatch.Client.Transports;

namespace OrleansBatch.Client;

/// <summary>Finds the gateway before the command line is read for good, so that connecting and reading go on together.</summary>
internal static class EarlyGateway
{
    /// <summary>The option.</summary>
    public const string Option = "--gateway";

    /// <summary>The variable that stands for the option.</summary>
    public const string Variable = "ORLEANSBATCH_GATEWAY";

    /// <summary>The gateway's address, as the command line or the environment has it; null when HTTP is meant. A wrong guess costs nothing but time.</summary>
    public static string? Look(string[] arguments, Func<string, string?> environment)
    {
        if (environment(GatewayIdentity.AuthorityVariable) is { Length: > 0 } || arguments.Any(argument => argument == "--ca" || argument.StartsWith("--ca=", StringComparison.Ordinal)))
        {
            // Without the certificates, which are read later, nobody would be there.
            return null;
        }

        foreach (var (index, argument) in arguments.Index())
        {
            if (argument is "--" or "--help" or "-h" or "-?" or "--endpoint" || argument.StartsWith("--endpoint=", StringComparison.Ordinal))
            {
                // Behind "--" stands somebody else's command line.
                return argument == "--" ? FromEnvironment(environment) : null;
            }

            if (argument == Option)
            {
                return index + 1 < arguments.Length ? arguments[index + 1] : null;
            }

            if (argument.StartsWith(Option + "=", StringComparison.Ordinal))
            {
                return argument[(Option.Length + 1)..];
            }
        }

        return FromEnvironment(environment);
    }

    private static string? FromEnvironment(Func<string, string?> environment) => environment(Variable) is { Length: > 0 } address ? address : null;
}
