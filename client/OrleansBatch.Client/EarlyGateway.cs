using OrleansBatch.Client.Transports;

namespace OrleansBatch.Client;

/// <summary>Finds the gateway before the command line is read for good, so that connecting and reading go on together.</summary>
internal static class EarlyGateway
{
    /// <summary>The option.</summary>
    public const string Option = "--gateway";

    /// <summary>The variable that stands for the option.</summary>
    public const string Variable = "ORLEANSBATCH_GATEWAY";

    /// <summary>The option for the cluster that the gateway is of.</summary>
    public const string ClusterOption = "--cluster-id";

    /// <summary>The variable that stands for that option.</summary>
    public const string ClusterVariable = "ORLEANSBATCH_CLUSTER_ID";

    /// <summary>The gateway's address, as the command line or the environment has it; null when HTTP is meant. A wrong guess costs nothing but time.</summary>
    public static string? Look(string[] arguments, Func<string, string?> environment)
    {
        if (environment(GatewayIdentity.AuthorityVariable) is { Length: > 0 } || arguments.Any(argument => argument == "--ca" || argument.StartsWith("--ca=", StringComparison.Ordinal)))
        {
            // Without the certificates, which are read later, nobody would be there.
            return null;
        }

        var own = Own(arguments);
        return own.Any(argument => argument is "--help" or "-h" or "-?" or "--endpoint" || argument.StartsWith("--endpoint=", StringComparison.Ordinal))
            ? null
            : Find(own, Option, out var address) ? address : FromEnvironment(environment, Variable);
    }

    /// <summary>The id of the gateway's cluster, as the command line or the environment has it.</summary>
    public static string LookForCluster(string[] arguments, Func<string, string?> environment) =>
        (Find(Own(arguments), ClusterOption, out var id) ? id : FromEnvironment(environment, ClusterVariable)) ?? GatewayConnection.DefaultClusterId;

    /// <summary>Behind "--" stands somebody else's command line.</summary>
    private static string[] Own(string[] arguments) => Array.IndexOf(arguments, "--") is >= 0 and var end ? arguments[..end] : arguments;

    private static bool Find(string[] arguments, string option, out string? value)
    {
        for (var index = 0; index < arguments.Length; index++)
        {
            if (arguments[index] == option)
            {
                value = index + 1 < arguments.Length ? arguments[index + 1] : null;
                return true;
            }

            if (arguments[index].StartsWith(option + "=", StringComparison.Ordinal))
            {
                value = arguments[index][(option.Length + 1)..];
                return true;
            }
        }

        value = null;
        return false;
    }

    private static string? FromEnvironment(Func<string, string?> environment, string variable) => environment(variable) is { Length: > 0 } value ? value : null;
}
