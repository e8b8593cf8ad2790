using System.CommandLine;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Commands;

/// <summary>The options that every command has.</summary>
internal sealed class GlobalOptions
{
    public Option<string?> Endpoint { get; } = new("--endpoint")
    {
        Description = "Where the scheduler listens. Default: AWS_ENDPOINT_URL_BATCH, AWS_ENDPOINT_URL, else http://127.0.0.1:8000.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> Gateway { get; } = new(EarlyGateway.Option)
    {
        Description = "Go straight to the grains through this Orleans gateway. Default: ORLEANSBATCH_GATEWAY, else HTTP.",
        HelpName = "HOST:PORT",
        Recursive = true,
    };

    public Option<string?> ClusterId { get; } = new(EarlyGateway.ClusterOption)
    {
        Description = "With --gateway: the id of its cluster, as its silos have it. Default: ORLEANSBATCH_CLUSTER_ID, else orleansbatch.",
        HelpName = "ID",
        Recursive = true,
    };

    public Option<string?> Authority { get; } = new("--ca")
    {
        Description = "With --gateway: certificate of the cluster's authority; with the next two mutual TLS. Default: ORLEANSBATCH_CA.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> Certificate { get; } = new("--certificate")
    {
        Description = "With --gateway: the console's certificate. Default: ORLEANSBATCH_CERTIFICATE.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> Key { get; } = new("--key")
    {
        Description = "With --gateway: the certificate's private key. Default: ORLEANSBATCH_KEY.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string?> Region { get; } = new("--region")
    {
        Description = "Default: AWS_REGION, AWS_DEFAULT_REGION, else us-east-1.",
        HelpName = "NAME",
        Recursive = true,
    };

    public Option<string?> Account { get; } = new("--account")
    {
        Description = "With --gateway: the account. Default: 123456789012.",
        HelpName = "ID",
        Recursive = true,
    };

    public Option<OutputFormat> Output { get; } = new("--output", "-o")
    {
        Description = "table for people, json for programs: AWS's own JSON. Default: table.",
        HelpName = "table|json",
        Recursive = true,
        CustomParser = result => result.Tokens is [var token] && Enum.TryParse<OutputFormat>(token.Value, ignoreCase: true, out var format) && !char.IsAsciiDigit(token.Value[0])
            ? format
            : Fail(result, $"--output '{result.Tokens[0].Value}' must be table or json."),
    };

    /// <summary>Gives them to the program.</summary>
    public void AddTo(RootCommand root)
    {
        root.Add(Endpoint);
        root.Add(Gateway);
        root.Add(ClusterId);
        root.Add(Authority);
        root.Add(Certificate);
        root.Add(Key);
        root.Add(Region);
        root.Add(Account);
        root.Add(Output);
    }

    private static OutputFormat Fail(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
