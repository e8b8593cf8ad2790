using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>What logConfiguration may hold.</summary>
/// <remarks>Source: AWS Batch API, LogConfiguration.</remarks>
internal static class LogConfigurationRules
{
    private static readonly string[] Drivers = ["json-file", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "awsfirelens"];
    private static readonly string[] FargateDrivers = ["awslogs", "splunk", "awsfirelens"];

    private static readonly string[] AwslogsOptions =
    [
        "awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-datetime-format", "awslogs-multiline-pattern", "awslogs-create-group",
    ];

    /// <summary>Checks driver and options.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static void Check(LogConfiguration? configuration, bool isFargate)
    {
        if (configuration is null)
        {
            return;
        }

        var driver = configuration.LogDriver ?? throw new ValidationException("logConfiguration.logDriver is required.");
        if (isFargate && !FargateDrivers.Contains(driver))
        {
            throw new ValidationException($"Log driver for Fargate is not valid: {driver}");
        }

        if (!Drivers.Contains(driver))
        {
            throw new ValidationException($"Log driver {driver} is not valid. Valid values are: [{string.Join(", ", Drivers)}]");
        }

        if (driver == "awslogs" && configuration.Options is { } options)
        {
            CheckAwslogs(options);
        }
    }

    private static void CheckAwslogs(IReadOnlyDictionary<string, string> options)
    {
        var wrong = options.Keys.Where(option => !AwslogsOptions.Contains(option)).Order(StringComparer.Ordinal).ToList();
        if (wrong.Count > 0)
        {
            throw new ValidationException($"Log driver awslogs disallows options: {string.Join(", ", wrong)}");
        }

        // Both become part of a log's name, by which it is read back: what cannot be asked for must not be written.
        if (options.TryGetValue("awslogs-group", out var group)
            && (group.Length is 0 or > 512 || !group.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/' or '#')))
        {
            throw new ValidationException("awslogs-group must have 1 to 512 characters out of letters, digits, '.', '-', '_', '/' and '#'.");
        }

        if (options.TryGetValue("awslogs-stream-prefix", out var prefix) && (prefix.Length is 0 or > 200 || prefix.AsSpan().ContainsAny(':', '*')))
        {
            throw new ValidationException("awslogs-stream-prefix must have 1 to 200 characters and neither ':' nor '*'.");
        }
    }
}
