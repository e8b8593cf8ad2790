using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a retry strategy may say, in a definition and in a submission.</summary>
/// <remarks>Source: AWS Batch API, RetryStrategy and EvaluateOnExit.</remarks>
public static class RetryRules
{
    private const int MaximumAttempts = 10;
    private const int MaximumRules = 5;
    private const int MaximumPatternLength = 512;

    /// <summary>Checks a strategy; null is none, which is allowed.</summary>
    /// <exception cref="BatchClientException">The strategy breaks a rule.</exception>
    public static void Check(RetryStrategy? strategy)
    {
        if (strategy is null)
        {
            return;
        }

        if (strategy.Attempts is not { } attempts)
        {
            throw new BatchClientException("RetryAttempts must be provided with retry strategy.");
        }

        if (attempts is < 1 or > MaximumAttempts)
        {
            throw new BatchClientException($"RetryAttempts must be between 1 and {MaximumAttempts}, got {attempts}.");
        }

        var rules = strategy.EvaluateOnExit ?? [];
        if (rules.Count > MaximumRules)
        {
            throw new BatchClientException($"EvaluateOnExit can have at most {MaximumRules} entries, got {rules.Count}.");
        }

        foreach (var rule in rules)
        {
            Check(rule);
        }
    }

    /// <summary>The strategy in force: attempts always set (1 by default), actions in lower case as the service gives them back.</summary>
    /// <param name="strategy">One that has passed <see cref="Check(RetryStrategy?)"/>, or null.</param>
    public static RetryStrategy InForce(RetryStrategy? strategy) => new()
    {
        Attempts = strategy?.Attempts ?? 1,
        EvaluateOnExit = [.. (strategy?.EvaluateOnExit ?? []).Select(rule => rule with { Action = IsRetry(rule) ? "retry" : "exit" })],
    };

    private static bool IsRetry(EvaluateOnExit rule) => string.Equals(rule.Action, "retry", StringComparison.OrdinalIgnoreCase);

    private static void Check(EvaluateOnExit? rule)
    {
        if (rule is null || (string.IsNullOrEmpty(rule.OnExitCode) && string.IsNullOrEmpty(rule.OnReason) && string.IsNullOrEmpty(rule.OnStatusReason)))
        {
            throw new BatchClientException("EvaluateOnExit should contain at least one of onExitCode, onReason or onStatusReason");
        }

        if (!IsRetry(rule) && !string.Equals(rule.Action, "exit", StringComparison.OrdinalIgnoreCase))
        {
            throw new BatchClientException($"EvaluateOnExit action must be RETRY or EXIT, got '{rule.Action}'.");
        }

        CheckPattern(rule.OnExitCode, char.IsAsciiDigit);
        CheckPattern(rule.OnReason, character => !char.IsControl(character) || char.IsWhiteSpace(character));
        CheckPattern(rule.OnStatusReason, character => !char.IsControl(character) || char.IsWhiteSpace(character));
    }

    private static void CheckPattern(string? pattern, Func<char, bool> isAllowed)
    {
        if (string.IsNullOrEmpty(pattern))
        {
            return;
        }

        if (pattern.Length > MaximumPatternLength)
        {
            throw new BatchClientException($"Evaluate on exit condition cannot exceed {MaximumPatternLength} characters.");
        }

        // A star stands for the rest, so only the last character may be one.
        var text = pattern.EndsWith('*') ? pattern[..^1] : pattern;
        if (text.Contains('*', StringComparison.Ordinal) || !text.All(isAllowed))
        {
            throw new BatchClientException("Evaluate on exit condition contains restricted characters.");
        }
    }
}
