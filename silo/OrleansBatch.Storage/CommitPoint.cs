namespace OrleansBatch.Storage;

/// <summary>Where a test can make a write fail.</summary>
internal enum CommitPoint
{
    /// <summary>One write of a batch was done inside the transaction.</summary>
    Written,

    /// <summary>The whole batch was done, COMMIT comes next.</summary>
    BeforeCommit,

    /// <summary>COMMIT was done, its reply is on the way.</summary>
    AfterCommit,

    /// <summary>A reply was lost, the rows are about to be read back.</summary>
    BeforeReadBack,
}
