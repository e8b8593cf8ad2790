namespace OrleansBatch.Client.Transports;

/// <summary>The scheduler could not be reached, or what answered is no scheduler.</summary>
/// <param name="where">The address as the user knows it.</param>
/// <param name="reason">What happened.</param>
/// <param name="inner">What was thrown.</param>
public sealed class UnreachableException(string where, string reason, Exception? inner = null)
    : Exception($"{where} cannot be reached: {reason.TrimEnd('.')}.", inner);

/// <summary>The scheduler failed on its side, also when the call was sent again.</summary>
public sealed class ServiceFailureException(string message, Exception? inner = null) : Exception(message, inner);
